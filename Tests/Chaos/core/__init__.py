"""The core service under chaos: is everything that must come out there, exactly once?"""
