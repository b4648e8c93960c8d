"""Receivers that misbehave as each request tells them to, in a process of their own, and write down all they answer.

A request carries its number and its script: what to answer to its first attempt, its second … ("503.429s2.ok"; the last
word stands for all that follow). So the receivers need no configuration, and a test knows what each must have met.
"""
