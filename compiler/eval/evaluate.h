// From a program to an evaluated lab.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diagnostics/sink.h"
#include "compiler/eval/evaluation.h"
#include "compiler/names/program.h"

namespace lab::eval {

/// A place that means a declaration, where `Info` of the elaborator does not say so: the word of a member,
/// a clause, a named argument, what a member access or `T of FIELD` found.
struct Use {
  names::NodeRef at = 0;      // the node that holds the name
  names::NodeRef target = 0;  // a FieldDecl, an Entry, or the label or value of one
};

struct Options {
  /// `--env`: name of an environment of the lab; empty for none.
  std::string environment;
  /// `--set NAME=VALUE`: parsed expressions by parameter name, appended to the program by the session.
  std::map<std::string, names::NodeRef> parameters;
  /// A test to compile the lab with, or 0.
  names::NodeRef test = 0;
  /// Where uses are noted, each as often as it is evaluated; null: nowhere (only editors ask).
  std::vector<Use>* uses = nullptr;
  /// Reads a file that the source names, relative to the file that says so; nothing when it cannot.
  std::function<std::optional<std::string>(source::FileId from, std::string_view path)> read_file;
  /// Writes a value as `yaml`, `json`, `toml` or `ini` text; says in `problem` why it cannot.
  std::function<std::string(Evaluation&, const Value&, std::string_view format, std::string& problem)> render;
  /// Knows what `public-key`, `certificate` and `declassify` yield; null: nobody does.
  std::function<Disclosed(Evaluation&, const Disclosure&)> disclose;
};

/// Evaluates. Errors go to the sink; the result is partial then.
std::unique_ptr<Evaluation> evaluate(names::Program& program, source::Symbols& symbols, diagnostics::Sink& sink, const Options& options);

}  // namespace lab::eval
