"""The consumers of notifications: is each delivered, no sooner than it may be, in order, and no more often than promised?"""
