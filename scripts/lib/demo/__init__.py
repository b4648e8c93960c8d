"""The demo: the whole pipeline on this machine, with receivers that check what they get."""
