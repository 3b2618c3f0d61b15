// What fits a place, as candidates: members of a thing, values of a type, names. Part of complete.cpp.
#pragma once
#include <set>
#include <string>

#include "compiler/ide/chains.h"
#include "compiler/ide/complete.h"

namespace lab::ide {

class Candidates : public Chains {
 public:
  using Chains::Chains;

 protected:
  void put(Candidate c);
  void put_field(const Field& f, unsigned rank, bool as_member);
  void members_of(const Thing& of);
  void put_entry(const eval::Pair& p);
  void put_resource(const Record& r, unsigned rank);
  /// What a type says itself: words, tags, booleans, resources.
  void put_type(TypeRef type, unsigned rank);
  void put_kind(const Schema* k, unsigned rank);
  /// Blocks of a name anywhere in the lab: `storage` of a host.
  void put_blocks(source::Symbol field, unsigned rank);
  void put_names(unsigned rank);
  /// A value of a type, then everything that can stand in an expression.
  void value(TypeRef type);
  void types();
  void finish();

  Completion out_;

 private:
  std::set<std::string> seen_;
};

}  // namespace lab::ide
