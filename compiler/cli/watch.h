// `--watch`: does something again whenever a file of a folder changes.
#pragma once
#include <functional>
#include <string>

namespace lab::cli {

/// Runs `work` in a process of its own, at once and after every change below `folder`, but for what is hidden
/// and what lies below `except`. Ends with a signal alone; 2 when no process can be made.
int watch(const std::string& folder, const std::string& except, const std::function<int()>& work);

}  // namespace lab::cli
