// The command line of labrun, and its exit codes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lab::labrun {

struct Options {
  std::string plan = "out";  // a plan, or the folder that holds it
  std::string state;         // where the journal is; empty: beside the plan
  std::string binding;
  std::string faults;
  std::string step;
  std::string color = "auto";
  std::vector<std::string> only;
  unsigned parallel = 10;
  std::uint64_t seed = 1;
  double pace = 0;  // simulated seconds a second; 0: as fast as can be
  std::int64_t run = 0;
  bool yes = false;
  bool json = false;
};

enum Exit : int {
  success = 0,  // done, or nothing to do
  step_failed = 1,
  changes = 2,   // preview and drift: something is not as the plan says
  usage = 3,     // wrong arguments, or the plan is refused
  locked = 4,    // another run is at work
  stale = 5,     // the binding is no longer true, or an object is not this lab's
  approval = 6,  // somebody has to say yes
  interrupted = 130,
};

}  // namespace lab::labrun
