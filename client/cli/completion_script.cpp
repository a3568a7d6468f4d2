#include "client/cli/completion_script.hpp"

#include <algorithm>

namespace quercus::cli {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : " ") + word;
    }
    return text;
}

// Both bash and zsh collect the command's words and look them up in a table.
std::string word_cases(const std::vector<CommandWords>& commands, const std::string& variable) {
    std::string cases;
    for (const CommandWords& command : commands) {
        cases += "        '" + command.path + "') " + variable + "='" +
                 joined(command.subcommands) + " " + joined(command.options) + "' ;;\n";
    }
    return cases;
}

std::string bash_script(const std::vector<CommandWords>& commands) {
    return R"(# quercus completion for bash: source <(quercus completion bash)
_quercus() {
    local current="${COMP_WORDS[COMP_CWORD]}" command='' words='' i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "${COMP_WORDS[i]}" in
            -*) ;;
            *) if [ -z "$command" ]; then command="${COMP_WORDS[i]}"
               elif [ "$command" = server ]; then command="$command ${COMP_WORDS[i]}"; break
               else break; fi ;;
        esac
    done
    case "$command" in
)" + word_cases(commands, "words") +
           R"(    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    case "$current" in
        -*) ;;
        *) [ -n "$command" ] && COMPREPLY+=($(compgen -f -- "$current")) ;;
    esac
}
complete -o filenames -F _quercus quercus
)";
}

std::string zsh_script(const std::vector<CommandWords>& commands) {
    return R"(#compdef quercus
# quercus completion for zsh: quercus completion zsh > "${fpath[1]}/_quercus"
_quercus() {
    local command='' candidates='' i
    local -a typed=("${words[@]}")
    for ((i = 2; i < CURRENT; i++)); do
        case "${typed[i]}" in
            -*) ;;
            *) if [[ -z "$command" ]]; then command="${typed[i]}"
               elif [[ "$command" == server ]]; then command="$command ${typed[i]}"; break
               else break; fi ;;
        esac
    done
    case "$command" in
)" + word_cases(commands, "candidates") +
           R"(    esac
    compadd -- ${=candidates}
    [[ -n "$command" ]] && _files
}
compdef _quercus quercus
)";
}

std::string fish_condition(const std::string& path) {
    if (path.empty()) {
        return "__fish_use_subcommand";
    }
    std::string condition;
    for (std::size_t begin = 0; begin < path.size();) {
        const std::size_t end = std::min(path.find(' ', begin), path.size());
        condition += (condition.empty() ? "" : "; and ") +
                     ("__fish_seen_subcommand_from " + path.substr(begin, end - begin));
        begin = end + 1;
    }
    return condition;
}

std::string fish_script(const std::vector<CommandWords>& commands) {
    std::string script = "# quercus completion for fish: quercus completion fish | source\n";
    for (const CommandWords& command : commands) {
        const std::string begin = "complete -c quercus -n '" + fish_condition(command.path) + "' ";
        if (!command.subcommands.empty()) {
            script += begin + "-f -a '" + joined(command.subcommands) + "'\n";
        }
        for (const std::string& option : command.options) {
            const bool is_long = option.starts_with("--");
            script +=
                begin + (is_long ? "-l " + option.substr(2) : "-s " + option.substr(1)) + "\n";
        }
    }
    return script;
}

}  // namespace

Result<std::string> completion_script(const std::string& shell,
                                      const std::vector<CommandWords>& commands) {
    if (shell == "bash") {
        return bash_script(commands);
    }
    if (shell == "zsh") {
        return zsh_script(commands);
    }
    if (shell == "fish") {
        return fish_script(commands);
    }
    return invalid_argument("no completion for shell '" + shell + "': bash, zsh or fish");
}

}  // namespace quercus::cli
