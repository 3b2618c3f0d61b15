// Coroutines of the single-threaded loop. A Task starts when it is awaited (or started) and resumes who
// awaits it when it ends. Destroying a Task that waits cancels it: its frame and every frame below are
// destroyed, and each awaiter takes its own back (a request is aborted, a timer removed).
//
// GCC 12 copies temporaries of a co_await expression wrongly in places: give arguments with members to
// destroy a name first and move them in (`auto reply = co_await context.http(std::move(request))`).
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

namespace lab::engine {

template <class T = void>
class Task;

namespace detail {

struct Promise {
  std::coroutine_handle<> continuation = std::noop_coroutine();
  std::exception_ptr thrown;

  struct Final {
    bool await_ready() const noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> self) const noexcept {
      return self.promise().continuation;
    }
    void await_resume() const noexcept {}
  };
  std::suspend_always initial_suspend() const noexcept { return {}; }
  Final final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { thrown = std::current_exception(); }
};

template <class T>
struct ValuePromise : Promise {
  std::optional<T> result;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& given) {
    result.emplace(std::forward<U>(given));
  }
  T take() {
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*result);
  }
};

struct VoidPromise : Promise {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void take() const {
    if (thrown) std::rethrow_exception(thrown);
  }
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = std::conditional_t<std::is_void_v<T>, detail::VoidPromise, detail::ValuePromise<T>>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ~Task() { reset(); }

  bool valid() const { return static_cast<bool>(handle_); }
  bool done() const { return handle_ && handle_.done(); }
  // Runs a task that nobody awaits until it first waits. Its owner keeps the Task and must not destroy it
  // from inside.
  void start() { handle_.resume(); }
  // Cancels, see above.
  void reset() {
    if (handle_) std::exchange(handle_, {}).destroy();
  }

  auto operator co_await() && noexcept {
    struct Awaiter {
      Handle handle;
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> who) const noexcept {
        handle.promise().continuation = who;
        return handle;
      }
      T await_resume() const { return handle.promise().take(); }
    };
    return Awaiter{handle_};
  }

 private:
  Handle handle_{};
};

namespace detail {
template <class T>
Task<T> ValuePromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<ValuePromise>::from_promise(*this));
}
inline Task<void> VoidPromise::get_return_object() {
  return Task<void>(std::coroutine_handle<VoidPromise>::from_promise(*this));
}
}  // namespace detail

}  // namespace lab::engine
