// Usage: Bench templates [<directory> [<rounds>]]
//        Bench map [<directory> [<rounds>]]
let arguments = CommandLine.arguments
let directory = arguments.count > 2 ? arguments[2] : nil
let rounds = arguments.count > 3 ? Int(arguments[3]) : nil
switch arguments.dropFirst().first {
case "templates": try TemplateBench.run(directory: directory ?? "config/templates", rounds: rounds ?? 100_000)
case "map": try MapBench.run(directory: directory ?? "config", rounds: rounds ?? 100_000)
default: print("usage: Bench templates|map [<directory> [<rounds>]]")
}
