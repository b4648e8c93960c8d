import Lifecycle
import TestKit
import Testing

@testable import Transfer

/// In a process of its own, because the limit of descriptors is the whole process's.
struct DescriptorTests {
    /// libcurl calls these a host that does not answer and a name that does not resolve.
    @Test(.timeLimit(.minutes(1))) func noHostIsBlamedForAShortage() async {
        await #expect(processExitsWith: .success) {
            let client = try Client()
            let (address, name) = ("http://127.0.0.1:1/", "https://no-such-host.invalid/")
            let server = MailServer(host: "127.0.0.1", port: 1, security: .off)
            Descriptors.exhaust()
            for url in [address, name] {
                let result = try await client.post(url)
                guard case .failed(let failure) = result else {
                    Issue.record("\(url): \(result.summary)")
                    continue
                }
                #expect(failure.kind == .descriptors && !failure.requestSent, "\(url): \(failure)")
                #expect(failure.message.contains("no descriptor is left"))
            }
            #expect(try await client.mail(server).summary == "descriptors")
            DescriptorLimit.raise()
            #expect(try await client.post(address).summary == "connect")
            #expect(try await client.post(name).summary == "dns")
            #expect(try await client.mail(server).summary == "connect")
            client.thread.stop()
        }
    }
}
