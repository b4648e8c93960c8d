"""What every subject of the chaos test shares: the broker, the processes, the faults, progress and the report."""
