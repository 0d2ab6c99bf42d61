#include "robiq/dist/process_place.h"

#include <gtest/gtest.h>

#include <map>

#include "support/errors.h"

namespace robiq {
namespace process_place_test {

ProcessPlace place_in(const std::map<std::string, std::string>& variables) {
  return process_place([&](const std::string& name) {
    const auto it = variables.find(name);
    return it == variables.end() ? std::string() : it->second;
  });
}

TEST(ProcessPlace, WithoutALauncherAProcessIsAlone) {
  const ProcessPlace place = place_in({{"MASTER_ADDR", "x"}, {"LOCAL_RANK", "3"}});
  EXPECT_TRUE(place.alone());
  EXPECT_EQ(place.rank, 0);
  EXPECT_EQ(place.launcher, "");
  EXPECT_TRUE(place_in({{"RANK", "0"}, {"WORLD_SIZE", "1"}}).alone());
}

TEST(ProcessPlace, ReadsTorchrun) {
  const ProcessPlace place = place_in({{"RANK", "5"},
                                       {"WORLD_SIZE", "8"},
                                       {"LOCAL_RANK", "1"},
                                       {"LOCAL_WORLD_SIZE", "4"},
                                       {"MASTER_ADDR", "node1"},
                                       {"MASTER_PORT", "1234"}});
  EXPECT_EQ(place.rank, 5);
  EXPECT_EQ(place.world, 8);
  EXPECT_EQ(place.local_rank, 1);
  EXPECT_EQ(place.local_world, 4);
  EXPECT_EQ(place.launcher, "torchrun");
  EXPECT_EQ(place.address, "node1");
  EXPECT_EQ(place.port, 1234);
  EXPECT_FALSE(place.launcher_keeps_store);
}

TEST(ProcessPlace, KnowsWhenTorchrunKeepsTheMeetingPlace) {
  const ProcessPlace place = place_in({{"RANK", "0"},
                                       {"WORLD_SIZE", "2"},
                                       {"MASTER_ADDR", "localhost"},
                                       {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                                       {"TORCHELASTIC_RESTART_COUNT", "3"}});
  EXPECT_TRUE(place.launcher_keeps_store);
  EXPECT_EQ(place.store_prefix, "/worker/attempt_3");
  EXPECT_EQ(place.port, 29500);
}

TEST(ProcessPlace, ReadsSlurmsSteps) {
  const ProcessPlace place = place_in({{"SLURM_PROCID", "2"},
                                       {"SLURM_STEP_NUM_TASKS", "4"},
                                       {"SLURM_LOCALID", "0"},
                                       {"SLURM_STEP_NUM_NODES", "2"},
                                       {"SLURM_STEP_NODELIST", "gpu[03-04]"},
                                       {"SLURM_JOB_ID", "4200017"}});
  EXPECT_EQ(place.launcher, "Slurm");
  EXPECT_EQ(place.rank, 2);
  EXPECT_EQ(place.world, 4);
  EXPECT_EQ(place.address, "gpu03");
  EXPECT_EQ(place.port, 29517);
  EXPECT_EQ(place_in({{"SLURM_PROCID", "1"},
                      {"SLURM_STEP_NUM_TASKS", "2"},
                      {"SLURM_STEP_NUM_NODES", "1"},
                      {"SLURM_STEP_NODELIST", "gpu03"}})
                .address,
            "127.0.0.1");
}

TEST(ProcessPlace, ABatchScriptOfSlurmIsOneProcess) {
  EXPECT_TRUE(place_in({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}}).alone());
}

TEST(ProcessPlace, ReadsMpirunOfSeveralMakers) {
  const ProcessPlace open = place_in({{"OMPI_COMM_WORLD_RANK", "1"},
                                      {"OMPI_COMM_WORLD_SIZE", "2"},
                                      {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                                      {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}});
  EXPECT_EQ(open.launcher, "mpirun");
  EXPECT_EQ(open.rank, 1);
  EXPECT_EQ(open.address, "127.0.0.1");
  const ProcessPlace hydra =
      place_in({{"PMI_RANK", "3"}, {"PMI_SIZE", "4"}, {"MASTER_ADDR", "a"}, {"MASTER_PORT", "9"}});
  EXPECT_EQ(hydra.rank, 3);
  EXPECT_EQ(hydra.world, 4);
  EXPECT_EQ(hydra.address, "a");
}

TEST(ProcessPlace, RefusesWhatCannotBe) {
  expect_error(ErrorKind::kUsage, {"'two' is not a whole number", "WORLD_SIZE", "many-processes"},
               [] {
                 static_cast<void>(place_in({{"RANK", "0"}, {"WORLD_SIZE", "two"}}));
               });
  expect_error(ErrorKind::kUsage, {"process 2 of 2 cannot be", "RANK and WORLD_SIZE", "from 0"},
               [] {
                 static_cast<void>(place_in({{"RANK", "2"}, {"WORLD_SIZE", "2"}}));
               });
  expect_error(ErrorKind::kUsage, {"not told where to meet", "MASTER_ADDR", "rank 0"}, [] {
    static_cast<void>(place_in({{"PMI_RANK", "0"}, {"PMI_SIZE", "2"}}));
  });
  expect_error(ErrorKind::kUsage, {"'99999' is not a port", "MASTER_PORT", "65535"}, [] {
    static_cast<void>(place_in(
        {{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}, {"MASTER_PORT", "99999"}}));
  });
}

TEST(FirstHost, OfListsAsSlurmWritesThem) {
  EXPECT_EQ(first_host("gpu07"), "gpu07");
  EXPECT_EQ(first_host("gpu07,gpu08"), "gpu07");
  EXPECT_EQ(first_host("gpu[03-05,9],login"), "gpu03");
  EXPECT_EQ(first_host("gpu[7]"), "gpu7");
  EXPECT_EQ(first_host("rack[1-2]-ib,other"), "rack1-ib");
}

}  // namespace process_place_test
}  // namespace robiq
