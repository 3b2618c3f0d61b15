// `public-key`, `certificate` and `declassify`: the closed list of functions whose result is public though
// they are given a secret. Evaluation never sees the secret: who called it knows the answer, or does not.
#include <fmt/format.h>

#include "compiler/eval/builtins.h"
#include "compiler/eval/engine.h"

namespace lab::eval {

using syntax::Node;

namespace {

bool same(const SecretText& a, const SecretText& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const SecretPart& x, const SecretPart& y) {
    return x.text == y.text && x.source == y.source && x.key == y.key && x.quote == y.quote;
  });
}

}  // namespace

bool Engine::check_disclosure(NodeRef n, const Builtin& b, TypeRef given) {
  const bool may_be_secret = given->kind == TypeKind::secret || given->kind == TypeKind::any ||
                             given->kind == TypeKind::poison ||
                             (given->kind == TypeKind::reference && given->schema->name == word_.secret);
  if (!may_be_secret) {
    report(Code::wrong_arguments, n, fmt::format("given a value of type {}", types_.describe(given)),
           fmt::format("`{}` takes a secret", b.name))
        .note("what is not secret needs no function to be public");
    return false;
  }
  const NodeRef callee = program_.child(n, 0);
  for (const NodeRef c : program_.children(n)) {
    if (c == callee) continue;
    const bool last = c + program_[c].size == n + program_[n].size;
    if (b.function == Function::declassify && last) {
      const Node value = program_[program_.child(c, 0)];
      if (program_[c].text == sym("reason") && value.kind == NodeKind::String &&
          text(value.text).find_first_not_of(" \t\r\n") != std::string_view::npos)
        return true;
      report(Code::wrong_arguments, c, "not a reason", "`declassify` wants a reason, written as a text")
          .note("`declassify(secret.x, reason = \"why everybody may know\")`: the build report shows it");
      return false;
    }
    if (program_[c].text != Symbol::empty) {
      report(Code::wrong_arguments, c, "not a parameter",
             fmt::format("`{}` has no parameter `{}`", b.name, text(program_[c].text)));
      return false;
    }
  }
  return true;
}

Value Engine::disclose(const Builtin& b, NodeRef n, const std::vector<Value>& a) {
  Value x = a[0];
  if (x.is(Tag::record) && x.record->owner == nullptr && x.record->schema->name == word_.secret)
    x = make_secret({SecretPart{{}, x.record, Symbol::empty, '\0'}}, x.origin);
  if (!x.is(Tag::secret)) {
    report(Code::wrong_arguments, n, fmt::format("given {}", display(x)),
           fmt::format("`{}` takes a secret", b.name));
    return poison();
  }
  if (b.function != Function::declassify && !x.secret->whole()) {
    report(Code::wrong_arguments, n, "made of several",
           fmt::format("`{}` takes one secret as it is, not a text that is made of some", b.name));
    return poison();
  }
  Disclosure use{b.name, a.size() > 1 ? a[1].text : std::string_view(), x.secret, n, false};
  Disclosed answer;
  if (options_.disclose) answer = options_.disclose(*this, use);
  if (!answer.problem.empty()) {
    report(Code::wrong_arguments, n, answer.problem,
           fmt::format("`{}` cannot do this: {}", b.name, answer.problem));
    return poison();
  }
  use.known = answer.value.has_value();
  if (std::none_of(disclosures_.begin(), disclosures_.end(),
                   [&](const Disclosure& d) { return d.at == n && same(*d.of, *use.of); }))
    disclosures_.push_back(use);
  return use.known ? make_string(arena_.text(*answer.value), n) : poison();
}

}  // namespace lab::eval
