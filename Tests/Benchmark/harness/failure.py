"""What ends a benchmark: one sentence that says what is wrong."""


class Failure(Exception):
    pass
