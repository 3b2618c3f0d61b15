// Completions for shells, from the table of commands.
#include <fmt/format.h>

#include "compiler/cli/commands.h"

namespace lab::cli {

namespace {

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t at = text.find(by);
    out.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

bool is_operand(const Option& option) {
  return option.name.front() != '-';
}

std::vector<Option> options_of(const Command& command) {
  std::vector<Option> out = command.options;
  out.insert(out.end(), common_options().begin(), common_options().end());
  return out;
}

std::string join(const std::vector<std::string_view>& words, char by) {
  std::string out;
  for (const std::string_view word : words)
    out += (out.empty() ? "" : std::string(1, by)) + std::string(word);
  return out;
}

/// `'…'` of a POSIX shell.
std::string shell(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string bash() {
  std::string names, cases, values;
  for (const Command& command : commands()) {
    names += (names.empty() ? "" : " ") + std::string(command.name);
    std::vector<std::string_view> words;
    bool files = false;
    for (const Option& o : options_of(command)) {
      if (is_operand(o) && o.takes == Takes::words) {
        for (const std::string_view word : split(o.value, '|')) words.push_back(word);
      } else if (is_operand(o)) {
        files = files || o.takes != Takes::text;
      } else {
        for (const std::string_view word : split(o.name, ',')) words.push_back(word);
      }
    }
    cases +=
        fmt::format("    {}) words={}; files={} ;;\n", command.name, shell(join(words, ' ')), files ? 1 : 0);
    for (const Option& o : options_of(command)) {
      if (is_operand(o) || o.takes == Takes::nothing) continue;
      std::string reply = o.takes == Takes::words  ? fmt::format("COMPREPLY=($(compgen -W {} -- \"$cur\"))",
                                                                 shell(join(split(o.value, '|'), ' ')))
                          : o.takes == Takes::text ? std::string("COMPREPLY=()")
                                                   : std::string("COMPREPLY=($(compgen -f -- \"$cur\"))");
      std::string patterns;
      for (const std::string_view word : split(o.name, ','))
        patterns += fmt::format("{}{}:{}", patterns.empty() ? "" : "|", command.name, word);
      values += fmt::format("    {}) {}; return ;;\n", patterns, reply);
    }
  }
  return fmt::format(R"(# bash completion of labc: source <(labc completion bash)
_labc() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command= words= files=0 i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in -*) ;; *) command=${{COMP_WORDS[i]}}; break ;; esac
  done
  if [[ -z $command ]]; then
    COMPREPLY=($(compgen -W '{}' -- "$cur"))
    return
  fi
  case $command:$prev in
{}  esac
  case $command in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ $files = 1 && $cur != -* ]]; then COMPREPLY+=($(compgen -f -- "$cur")); fi
}}
complete -o filenames -F _labc labc
)",
                     names, values, cases);
}

/// Text of a zsh description: no brackets and colons of their own.
std::string described(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const Option& o) {
  switch (o.takes) {
    case Takes::nothing:
      return "";
    case Takes::text:
      return " ";
    case Takes::folder:
      return "_files -/";
    case Takes::file:
    case Takes::files:
      return "_files";
    case Takes::words:
      return "(" + join(split(o.value, '|'), ' ') + ")";
  }
  return "";
}

std::string zsh() {
  std::string names, cases;
  for (const Command& command : commands()) {
    names += fmt::format("    {}\n", shell(fmt::format("{}:{}", command.name, described(command.summary))));
    cases += fmt::format("    {}) _arguments", command.name);
    for (const Option& o : options_of(command)) {
      if (is_operand(o)) {
        cases +=
            " " + shell(fmt::format("{}:{}:{}", o.takes == Takes::files ? "*" : "", o.name, zsh_action(o)));
        continue;
      }
      for (const std::string_view word : split(o.name, ',')) {
        const std::string value =
            o.takes == Takes::nothing ? "" : fmt::format(":{}:{}", described(o.value), zsh_action(o));
        cases += " " + shell(fmt::format("{}[{}]{}", word, described(o.summary), value));
      }
    }
    cases += " ;;\n";
  }
  return fmt::format(R"(#compdef labc
_labc() {{
  local -a commands=(
{}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
{}  esac
}}
_labc "$@"
)",
                     names, cases);
}

std::string fish() {
  std::string out = "# fish completion of labc: labc completion fish | source\n";
  for (const Command& command : commands()) {
    out += fmt::format("complete -c labc -n __fish_use_subcommand -f -a {} -d {}\n", command.name,
                       shell(command.summary));
    const std::string when =
        fmt::format("complete -c labc -n '__fish_seen_subcommand_from {}'", command.name);
    for (const Option& o : options_of(command)) {
      if (is_operand(o)) {
        if (o.takes == Takes::words)
          out += fmt::format("{} -f -a {}\n", when, shell(join(split(o.value, '|'), ' ')));
        continue;
      }
      out += when;
      for (const std::string_view word : split(o.name, ','))
        out += word.starts_with("--") ? fmt::format(" -l {}", word.substr(2))
                                      : fmt::format(" -s {}", word.substr(1));
      if (o.takes == Takes::words)
        out += fmt::format(" -x -a {}", shell(join(split(o.value, '|'), ' ')));
      else if (o.takes == Takes::text)
        out += " -x";
      else if (o.takes != Takes::nothing)
        out += " -r";
      out += fmt::format(" -d {}\n", shell(o.summary));
    }
  }
  return out;
}

}  // namespace

int run_completion(const Arguments& arguments, Terminal& terminal) {
  terminal.out(arguments.first == "bash" ? bash() : arguments.first == "zsh" ? zsh() : fish());
  return success;
}

}  // namespace lab::cli
