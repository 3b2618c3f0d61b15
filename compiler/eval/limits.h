// How much a lab may ask of the evaluator: beyond, there is a diagnostic, whatever the machine.
#pragma once
#include <cstddef>
#include <cstdint>

namespace lab::eval {

inline constexpr unsigned max_depth = 1400;  // nested evaluations; the stack holds several times that
inline constexpr unsigned max_check_depth = 2 * max_depth;  // nested elaborations, whose frames are smaller
inline constexpr std::uint64_t max_steps = 50'000'000;      // evaluated expressions and compared elements
inline constexpr std::uint64_t turn_steps = 50;  // what a turn of a loop over members counts: it keeps memory
inline constexpr std::int64_t max_elements = 1'000'000;  // of a range that is walked, and of a joined list
inline constexpr std::size_t max_text = 16u << 20;       // bytes of a text put together
inline constexpr std::size_t max_resources = 100'000;
inline constexpr std::size_t most_named = 20;         // fields or tags that a note lists
inline constexpr std::size_t max_display = 1u << 20;  // bytes of a value in a message, roughly

}  // namespace lab::eval
