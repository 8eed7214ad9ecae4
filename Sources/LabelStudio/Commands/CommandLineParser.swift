internal import CArgp
internal import Glibc

/// The command line, read by glibc's argp from the table of settings.
struct CommandLineParser {
    let command: Command
    private(set) var flags: [Setting: String] = [:]
    private(set) var operands: [String] = []

    /// Parses the arguments of a command. A wrong one ends the program with
    /// status 2, `--help` with 0: argp does that.
    init(command: Command, arguments: [String]) {
        self.command = command
        let input = Input(command)
        Self.parse(
            name: "label-studio \(command.rawValue)", summary: command.summary, operands: command.operands,
            arguments: arguments, input: input)
        flags = input.flags
        operands = input.operands
    }

    /// What the parser fills in.
    private final class Input {
        /// The settings that have a flag here; their index plus `firstKey` is the key.
        let settings: [Setting]
        let command: Command
        let acceptsOperands: Bool
        var flags: [Setting: String] = [:]
        var operands: [String] = []

        init(_ command: Command) {
            self.command = command
            settings = Setting.allCases.filter { $0.flag?.commands.contains(command) ?? false }
            acceptsOperands = command.operands.utf8CodeUnitCount > 0
        }
    }

    /// Above all characters, so that no key is taken for a letter.
    private static let firstKey: Int32 = 1000

    private static func parse(
        name: String, summary: StaticString, operands: StaticString, arguments: [String], input: Input
    ) {
        argp_set_error_status(2)
        unsafe argp_set_version(Program.title.cString)
        var options: [argp_option] = unsafe []
        for (index, setting) in input.settings.enumerated() {
            guard let flag = setting.flag else { continue }
            let key = firstKey + Int32(index)
            unsafe options.append(option(flag.name.cString, key, flag.value?.cString, 0, flag.help.cString))
            if let alias = flag.alias, alias.command == input.command {
                unsafe options.append(
                    option(alias.name.cString, key, flag.value?.cString, OPTION_ALIAS, nil))
            }
            if let letter = flag.letter?.asciiValue {
                unsafe options.append(option(nil, Int32(letter), flag.value?.cString, OPTION_ALIAS, nil))
            }
        }
        unsafe options.append(argp_option())

        let parser: argp_parser_t = { key, argument, state in
            guard let state = unsafe state else { return argp_error_unknown() }
            let input = unsafe Unmanaged<Input>.fromOpaque(state.pointee.input).takeUnretainedValue()
            let value = unsafe argument.map { unsafe String(cString: $0) }
            if let setting = CommandLineParser.setting(for: key, input) {
                input.flags[setting] = value ?? "true"
                return 0
            }
            if key == argp_key_argument() {
                guard input.acceptsOperands, let value else {
                    unsafe argp_fail(state, "unexpected argument: \(value ?? "")")
                    return 0
                }
                input.operands.append(value)
                return 0
            }
            return argp_error_unknown()
        }

        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([name] + arguments).map { unsafe strdup($0) }
        unsafe words.append(nil)
        defer { unsafe words.forEach { unsafe free($0) } }
        unsafe options.withUnsafeBufferPointer { options in
            var description = unsafe argp(
                options: options.baseAddress, parser: parser, args_doc: operands.cString,
                doc: summary.cString, children: nil, help_filter: nil, argp_domain: nil)
            unsafe argp_parse(
                &description, Int32(words.count - 1), &words, 0, nil,
                Unmanaged.passUnretained(input).toOpaque())
        }
    }

    private static func setting(for key: Int32, _ input: Input) -> Setting? {
        let index = Int(key - firstKey)
        if input.settings.indices.contains(index) { return input.settings[index] }
        return input.settings.first { $0.flag?.letter?.asciiValue.map(Int32.init) == key }
    }

    private static func option(
        _ name: UnsafePointer<CChar>?, _ key: Int32, _ value: UnsafePointer<CChar>?, _ flags: Int32,
        _ help: UnsafePointer<CChar>?
    ) -> argp_option {
        unsafe argp_option(name: name, key: key, arg: value, flags: flags, doc: help, group: 0)
    }
}

extension StaticString {
    /// Ends with a NUL and lives as long as the program.
    fileprivate var cString: UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
