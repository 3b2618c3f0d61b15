// Proxmox VE's HTTP API (proxmox/pve-docs api-viewer; proxmox/pve-http-server): requests, answers, tasks.
#pragma once

#include <string>
#include <string_view>

#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/failures.h"

namespace lab::drivers::proxmox {

inline constexpr Milliseconds between_looks{3000};

/// The TLS settings that `api` of a plan asks for.
engine::Tls tls_of(const Json& api);

/// One call: `parameters` are the query of GET and DELETE and the form of others. The value is `data` of the
/// answer. Failures carry what the server said, by the table in common/failures.h.
Task<Outcome<Json>> call(Context& context, Json api, std::string method, std::string path, Json parameters);

/// As `call`, but what is not there is null ("does not exist", "no such", 404).
Task<Outcome<Json>> look(Context& context, Json api, std::string path, Json parameters);

/// Waits until a task has ended. Failure: what the task says, classified; `sent` when the server no longer
/// knows the task.
Task<Outcome<Nothing>> wait_for_task(Context& context, Json api, std::string node, std::string upid);

/// Starts a task by `call`, notes its UPID in the journal and waits for its end.
Task<Outcome<Nothing>> run_task(Context& context, Json api, std::string node, std::string method,
                                std::string path, Json parameters);

/// The UPID of the newest task of `type` on the object `id` that is still running; empty when there is none.
Task<Outcome<std::string>> running_task(Context& context, Json api, std::string node, std::string type,
                                        std::string id);

/// Waits until `running_task` finds none any more. The list says what runs, also when the task's own status
/// is not to be had.
Task<Outcome<Nothing>> wait_while_running(Context& context, Json api, std::string node, std::string type,
                                          std::string id);

std::string marker_line(std::string_view marker);  ///< "lab-id: MARKER"

}  // namespace lab::drivers::proxmox
