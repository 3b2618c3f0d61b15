#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "compiler/cli/commands.h"
#include "compiler/diagnostics/render.h"
#include "compiler/session/format_file.h"
#include "compiler/session/load.h"

namespace lab::cli {

namespace {

/// Standard input to its end; false with errno.
bool read_input(std::string& into) {
  char buffer[1 << 16];
  for (;;) {
    const ssize_t n = ::read(0, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    if (n == 0) return true;
    into.append(buffer, static_cast<std::size_t>(n));
  }
}

class Formatter {
 public:
  Formatter(const Arguments& arguments, Terminal& terminal) : arguments_(arguments), terminal_(terminal) {}

  int run() {
    if (arguments_.files.empty()) add_folder(".");
    for (const std::string& name : arguments_.files) {
      if (name != "-" && files_->is_directory(name))
        add_folder(name);
      else
        one(name);
    }
    return status_;
  }

 private:
  void fail(const std::string& words) {
    terminal_.complain(words);
    status_ = usage_or_io;
  }
  void found() { status_ = std::max(status_, errors_found); }

  void add_folder(const std::string& folder) {
    std::vector<session::LabFile> there;
    if (const source::IoStatus status = session::load(*files_, folder, there); !status.ok())
      return fail(fmt::format("{}: {}", folder, status.error));
    for (const session::LabFile& file : there)
      one(folder == "." ? file.path : fmt::format("{}/{}", folder, file.path));
  }

  void one(const std::string& name) {
    std::string text;
    if (name == "-") {
      if (!read_input(text)) return fail(fmt::format("cannot read standard input: {}", std::strerror(errno)));
    } else if (const source::IoStatus status = files_->read(name, text); !status.ok()) {
      return fail(fmt::format("{}: {}", name, status.error));
    }
    session::Formatted formatted;
    session::format_file(name, text, formatted);
    if (!formatted.text) {
      for (const auto& d : formatted.sink.all())
        terminal_.err(
            diagnostics::render_text(d, formatted.sources, {terminal_.colour_err(), terminal_.width()}));
      return found();
    }
    if (name == "-" && !arguments_.check) return terminal_.out(*formatted.text);
    if (*formatted.text == text) return;
    if (arguments_.check) {
      terminal_.out(name + "\n");
      return found();
    }
    if (const source::IoStatus status = files_->write(name, *formatted.text); !status.ok())
      return fail(fmt::format("{}: {}", name, status.error));
    if (!terminal_.quiet()) terminal_.out(fmt::format("formatted {}\n", name));
  }

  const Arguments& arguments_;
  Terminal& terminal_;
  std::unique_ptr<source::FileSystem> files_ = source::real_file_system();
  int status_ = success;
};

}  // namespace

int run_fmt(const Arguments& arguments, Terminal& terminal) {
  return Formatter(arguments, terminal).run();
}

}  // namespace lab::cli
