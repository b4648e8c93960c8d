// Usage: Bench templates [<directory> [<rounds>]]
let arguments = CommandLine.arguments
switch arguments.dropFirst().first {
case "templates":
    try TemplateBench.run(
        directory: arguments.count > 2 ? arguments[2] : "config/templates",
        rounds: arguments.count > 3 ? Int(arguments[3]) ?? 1 : 100_000)
default:
    print("usage: Bench templates [<directory> [<rounds>]]")
}
