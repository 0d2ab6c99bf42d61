#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "robiq/core/error.h"

namespace robiq {

/// Which of the processes of one run this is, as the launcher's environment says, and where they
/// meet.
struct ProcessPlace {
  std::int64_t rank = 0, world = 1;              ///< among all processes
  std::int64_t local_rank = 0, local_world = 1;  ///< among those of this machine; 1: not known
  std::string launcher;  ///< "torchrun", "Slurm", "mpirun", "--parallel"; "": alone
  std::string address;   ///< host where the processes meet
  std::int64_t port = 0;
  /// The launcher itself keeps the meeting place, as torchrun may; else rank 0 does.
  bool launcher_keeps_store = false;
  std::string store_prefix;  ///< of this attempt, where the launcher starts runs again

  [[nodiscard]] bool alone() const { return world == 1; }
};

/// A process of the group is gone. Its own message says why, unless it was killed.
class LostProcess : public Error {
 public:
  using Error::Error;
};

/// A variable's value, "" when it is not set.
using Environment = std::function<std::string(const std::string& name)>;

/// Reads what torchrun (RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT), Slurm's srun
/// (SLURM_PROCID, SLURM_STEP_NUM_TASKS, ...) or an MPI's mpirun (OMPI_COMM_WORLD_RANK, ...,
/// PMI_RANK, ...) set; the first of them that is there counts. MASTER_ADDR and MASTER_PORT count in
/// every case; where they are not set, Slurm's list of nodes names the first, processes of one
/// machine meet at 127.0.0.1, and the port is 29500, under Slurm moved by the job's number.
/// \throws Error{kUsage} for values that are no numbers or contradict each other, and where the
///         processes of several machines are not told where to meet
[[nodiscard]] ProcessPlace process_place(const Environment& environment);

/// Of this process.
[[nodiscard]] ProcessPlace process_place();

/// The first host of a list as Slurm writes it: "gpu[03-05,9],login" gives "gpu03".
[[nodiscard]] std::string first_host(const std::string& slurm_node_list);

/// How long a process waits for others.
struct Patience {
  double lost_seconds = 1800;  ///< for one that has joined and does not answer
  double join_seconds = 60;    ///< until all have joined
};

}  // namespace robiq
