"""The proof that the checker bites: three deliberate bugs, each a patch, and what it must find of each."""

from __future__ import annotations

from dataclasses import dataclass

from harness.mutants import Mutation

from .setup import TRANSACTION_TIMEOUT


@dataclass(frozen=True)
class CoreMutation(Mutation):
    transaction_timeout: int = TRANSACTION_TIMEOUT


MUTATIONS = [
    # position() is ahead of what a batch call that waits has handed over: its records are lost with the partition.
    CoreMutation("position-on-revoke", "lost", ("storm",), 10),
    # A random transactional id and no group generation: a process that was thought dead still commits. (It commits
    # only once in an interval, so that there is a transaction open when it is stopped; and the broker does not end that
    # before it wakes up.)
    CoreMutation("no-fencing", "duplicated", ("zombie", "twin"), 8, transaction_timeout=60),
    # Offsets are committed by the consumer, before the outputs: what was under way when the process ends is lost.
    CoreMutation("commit-before-produce", "lost", ("fence", "kill"), 8),
]
