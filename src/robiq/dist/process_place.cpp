#include "robiq/dist/process_place.h"

#include <array>
#include <cstdlib>
#include <optional>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"

namespace robiq {

namespace {

constexpr std::int64_t kUsualPort = 29500, kPortsOfSlurm = 10000;

/// The names under which one kind of launcher says where a process stands.
struct Launcher {
  const char *name, *rank, *world, *local_rank, *local_world;
};

/// sbatch sets SLURM_PROCID and SLURM_NTASKS for the script itself too, which is one process: only
/// srun sets SLURM_STEP_NUM_TASKS.
constexpr std::array<Launcher, 5> kLaunchers = {{
    {"--parallel", "ROBIQ_RANK", "ROBIQ_WORLD_SIZE", "ROBIQ_LOCAL_RANK", "ROBIQ_LOCAL_WORLD_SIZE"},
    {"torchrun", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"},
    {"mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK",
     "OMPI_COMM_WORLD_LOCAL_SIZE"},
    {"Slurm", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", ""},
    {"mpirun", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"},
}};

std::optional<std::int64_t> number_of(const Environment& environment, const std::string& name) {
  const std::string text = name.empty() ? "" : environment(name);
  if (text.empty()) return std::nullopt;
  std::int64_t number = 0;
  if (parse_integer(text, number) && number >= 0) return number;
  throw Error(ErrorKind::kUsage,
              {"'" + text + "' is not a whole number, which a process's place and count are", name,
               "the program that starts the processes sets it: see "
               "docs/many-processes.md"});
}

void check(const ProcessPlace& place, const Launcher& launcher) {
  if (place.world >= 1 && place.rank < place.world) return;
  throw Error(ErrorKind::kUsage,
              {"process " + std::to_string(place.rank) + " of " + std::to_string(place.world) +
                   " cannot be",
               std::string(launcher.rank) + " and " + launcher.world, "ranks count from 0"});
}

/// Where rank 0 listens, for those that were not told.
void find_meeting_place(const Environment& environment, ProcessPlace& place) {
  const bool slurm = place.launcher == "Slurm";
  place.address = environment("MASTER_ADDR");
  if (place.address.empty() && slurm) {
    place.address = environment("SLURM_STEP_NUM_NODES") == "1"
                        ? "127.0.0.1"
                        : first_host(environment("SLURM_STEP_NODELIST"));
  }
  if (place.address.empty() && place.local_world == place.world) place.address = "127.0.0.1";
  if (place.address.empty()) {
    throw Error(ErrorKind::kUsage,
                {"the processes are not told where to meet", "MASTER_ADDR",
                 "set it to the host of rank 0 (127.0.0.1 when all are on this machine)"});
  }
  const std::optional<std::int64_t> port = number_of(environment, "MASTER_PORT");
  place.port = port.value_or(kUsualPort);
  if (!port && slurm) {
    place.port += number_of(environment, "SLURM_JOB_ID").value_or(0) % kPortsOfSlurm;
  }
  constexpr std::int64_t kPorts = 65536;
  if (place.port > 0 && place.port < kPorts) return;
  throw Error(ErrorKind::kUsage, {"'" + std::to_string(place.port) + "' is not a port",
                                  "MASTER_PORT", "choose one from 1 to 65535"});
}

}  // namespace

std::string first_host(const std::string& slurm_node_list) {
  const std::size_t end = slurm_node_list.find_first_of(",[");
  std::string host = slurm_node_list.substr(0, end);
  if (end == slurm_node_list.npos || slurm_node_list[end] == ',') return host;
  const std::size_t stop = slurm_node_list.find_first_of("-,]", end + 1);
  host += slurm_node_list.substr(end + 1, stop - end - 1);
  const std::size_t close = slurm_node_list.find(']', end);
  const std::size_t comma = slurm_node_list.find(',', close);
  if (close != slurm_node_list.npos) {
    host += slurm_node_list.substr(
        close + 1, comma == slurm_node_list.npos ? slurm_node_list.npos : comma - close - 1);
  }
  return host;
}

ProcessPlace process_place(const Environment& environment) {
  ProcessPlace place;
  for (const Launcher& launcher : kLaunchers) {
    const auto rank = number_of(environment, launcher.rank);
    const auto world = number_of(environment, launcher.world);
    if (!rank || !world) continue;
    place.launcher = launcher.name;
    place.rank = *rank;
    place.world = *world;
    place.local_rank = number_of(environment, launcher.local_rank).value_or(0);
    place.local_world = number_of(environment, launcher.local_world).value_or(1);
    check(place, launcher);
    break;
  }
  if (place.alone()) return {};
  find_meeting_place(environment, place);
  if (place.launcher == "torchrun" && environment("TORCHELASTIC_USE_AGENT_STORE") == "True") {
    place.launcher_keeps_store = true;
    place.store_prefix = "/worker/attempt_" + environment("TORCHELASTIC_RESTART_COUNT");
  }
  return place;
}

ProcessPlace process_place() {
  return process_place([](const std::string& name) -> std::string {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
  });
}

}  // namespace robiq
