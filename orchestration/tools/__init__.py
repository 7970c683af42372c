"""What agents may use: each call decided, journalled, performed and recorded, at one door, the toolbox of the turn."""
