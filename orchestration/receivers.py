"""A posted message may start a run or answer one."""
