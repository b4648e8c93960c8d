internal import Time

/// What ended since the last delivery. Owned by the transfer thread.
final class CompletionBatch {
    private var completions: [TransferCompletion] = []

    func append(_ token: UInt64, _ result: TransferResult, startedAt: MonotonicTime) {
        completions.append(
            TransferCompletion(token: token, result: result, duration: MonotonicTime.now - startedAt))
    }

    func take() -> [TransferCompletion] {
        var taken: [TransferCompletion] = []
        swap(&taken, &completions)
        return taken
    }
}
