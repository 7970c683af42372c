"""Teams as text: loading, checking, planning, comparing and drawing them. Nothing here touches a database."""
