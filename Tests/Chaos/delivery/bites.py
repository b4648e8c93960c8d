"""The proof that the checker bites: three deliberate bugs, each a patch, and what it must find of each."""

from __future__ import annotations

from harness.mutants import Mutation

MUTATIONS = [
    # The highest offset that was read is committed: what was under way when the process ends is lost.
    Mutation("commit-highest-seen", "lost", ("kill", "kill-two"), 4),
    # A record counts as done as soon as it is handed to the producer: a retry that never arrives is lost.
    Mutation("no-retry-acknowledgement", "lost", ("unwritable-kill",), 4),
    # What is in hand of an earlier assignment goes on, and counts for the present one: two members deliver the same.
    Mutation("no-epoch", "duplicated", ("storm",), 3),
]
