import CFuzzing
import FuzzKit
import Glibc

// scripts/fuzz.sh builds this and says in FUZZ_TARGET what to fuzz; the arguments are libFuzzer's.

guard let name = getenv("FUZZ_TARGET"), FuzzTarget(rawValue: String(cString: name)) != nil else {
    fatalError("FUZZ_TARGET must be one of \(FuzzTarget.allCases.map(\.rawValue))")
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(LLVMFuzzerRunDriver(&count, &arguments) { FuzzRun.one($0, $1) })
