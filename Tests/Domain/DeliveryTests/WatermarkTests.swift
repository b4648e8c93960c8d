import Delivery
import TestKit
import Testing

struct WatermarkTests {
    /// Whatever stands at an offset again may be another record: none is passed over.
    @Test func rewoundOffsetsChangeNothing() {
        var watermark = Watermark(epoch: 1, start: 10)
        var receipts = [9, 10, 11, 11].map { watermark.receive($0) }
        #expect(receipts == [.rewound, .new, .new, .rewound])
        watermark.complete(10, epoch: 1)
        receipts = [watermark.receive(10)]
        #expect(receipts == [.rewound])
        #expect(watermark.committable == 11 && watermark.openCount == 1 && watermark.span == 1)
    }

    /// A transaction's marker after the last record is an offset without a record: lag 0 only when nothing is open.
    @Test func idlePositionMovesPastMarkers() {
        var watermark = Watermark(epoch: 1, start: 0)
        _ = watermark.receive(0)
        watermark.reachedIdle(2)
        #expect(watermark.committable == 0)
        watermark.complete(0, epoch: 1)
        watermark.reachedIdle(2)
        #expect(watermark.committable == 2)
        watermark.reachedIdle(1)
        let receipt = watermark.receive(2)
        #expect(watermark.committable == 2 && receipt == .new)
    }

    /// What was restored and has not been read again yet stays in the metadata of later commits.
    @Test func restoredOffsetsSurviveASecondCrash() {
        var completed = CompletedOffsets()
        completed.append(5..<8)
        var watermark = Watermark(epoch: 1, start: 0, completed: completed)
        _ = watermark.receive(0)
        watermark.complete(0, epoch: 1)
        #expect(watermark.completedAbove.ranges == [5..<8])
    }
}
