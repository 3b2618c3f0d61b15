// What a secret may do in an expression: be named, stand in a text that is secret then, and nothing else.
// Evaluation never sees a secret's value, so there is nothing to leak; what it refuses here would have a
// meaning that it cannot have.
//
// `public-key`, `certificate` and `declassify` are the closed list of functions whose result is public though
// they are given a secret: who called the evaluation knows the answer, or does not.
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

/// A resource `secret` without keys stands for its value; one with keys for the object of that name.
Value Engine::as_secret(const Value& v) {
  if (!v.is(Tag::record) || v.record->owner != nullptr || v.record->schema->name != word_.secret) return v;
  Record& r = *v.record;
  if (r.slots == nullptr)
    if (Resource* own = resource_of(r)) expand(*own);
  const Field* rest = r.schema->find(word_.rest);
  if (rest != nullptr && r.slots != nullptr && r.slots[rest->index].first != nullptr) return v;
  return make_secret({SecretPart{{}, &r, Symbol::empty, '\0'}}, v.origin);
}

/// Whether a value is a secret, or a list or map with one in it.
bool Engine::holds_secret(const Value& v) {
  // Lists share their elements: what was looked through is not looked through again.
  const auto any = [&](const auto& elements, const auto& element) {
    if (elements.size == 0 || without_secret_.contains(elements.begin())) return false;
    for (const auto& e : elements)
      if (holds_secret(element(e))) return true;
    without_secret_.insert(elements.begin());
    return false;
  };
  switch (v.tag) {
    case Tag::list:
      return any(v.list, [](const Value& e) -> const Value& { return e; });
    case Tag::map:
      return any(v.map, [](const Pair& p) -> const Value& { return p.value; });
    case Tag::range:
      return holds_secret(v.pair[0]) || holds_secret(v.pair[1]);
    default:
      return as_secret(v).is(Tag::secret);
  }
}

Value Engine::refuse_secret(NodeRef at, std::string label, std::string message) {
  report(Code::secret_flow, at, std::move(label), std::move(message))
      .note("whatever depends on a secret is secret, and what exists is public");
  return poison();
}

/// The texts of a list, one behind the other, with `between` between them: secret when one of them is.
Value Engine::join_texts(NodeRef n, const Value& list, const Value* between) {
  std::string open;
  std::vector<SecretPart> parts;
  const auto close = [&] {
    if (!open.empty()) parts.push_back({arena_.text(open), nullptr, Symbol::empty, '\0'});
    open.clear();
  };
  const auto add = [&](const Value& given) {
    const Value v = as_secret(given);
    if (v.is(Tag::secret)) {
      close();
      parts.insert(parts.end(), v.secret->begin(), v.secret->end());
    } else {
      open += v.is(Tag::string) ? std::string(v.text) : display(v);
    }
  };
  for (const Value& v : list.list) {
    if (between != nullptr && &v != list.list.begin()) add(*between);
    add(v);
  }
  if (parts.empty()) return make_string(arena_.text(open), n);
  close();
  return make_secret(parts, n);
}

bool Engine::check_disclosure(NodeRef n, const Builtin& b, TypeRef given) {
  if (!is_secret(given) && given->kind != TypeKind::any && given->kind != TypeKind::poison) {
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
