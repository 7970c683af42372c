"""Teams tried and rehearsed: nothing is written, sent or paid for."""
