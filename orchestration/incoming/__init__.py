"""What comes into a room and starts runs: a message that names a team, a command, a dropped file, the rows of one."""
