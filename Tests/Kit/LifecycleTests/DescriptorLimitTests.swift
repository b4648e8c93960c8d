import Glibc
import TestKit
import Testing

@testable import Lifecycle

/// Each in a process of its own, because the limit is the whole process's.
@Suite struct DescriptorLimitTests {
    @Test func liftsTheSoftLimitToTheHardOne() async {
        await #expect(processExitsWith: .success) {
            Descriptors.limit(soft: 256, hard: 512)
            #expect(DescriptorLimit.current == 256)
            #expect(DescriptorLimit.raise() == 512)
            #expect(DescriptorLimit.current == 512)
            // There is no more to be had.
            #expect(DescriptorLimit.raise() == 512)
        }
    }

    @Test func tellsWhetherHardlyAnyAreLeft() async {
        await #expect(processExitsWith: .success) {
            #expect(!DescriptorLimit.isNearlyReached)
            Descriptors.exhaust(left: 3)
            #expect(DescriptorLimit.isNearlyReached)
            Descriptors.exhaust()
            #expect(DescriptorLimit.isNearlyReached)
            DescriptorLimit.raise()
            #expect(!DescriptorLimit.isNearlyReached)
        }
    }

    @Test func knowsTheErrorsOfAShortage() {
        #expect(DescriptorLimit.isCause(of: EMFILE) && DescriptorLimit.isCause(of: ENFILE))
        #expect(!DescriptorLimit.isCause(of: ECONNREFUSED) && !DescriptorLimit.isCause(of: 0))
    }
}
