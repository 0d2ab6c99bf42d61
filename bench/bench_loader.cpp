// What decoding costs a training step: HyperIQA's step at batch 4 on crops of 224 from JPEG and BMP
// files of 500 x 500, on a batch that is there already and on batches that the loader makes beside
// it. bench_loader [STEPS [ROUNDS]]
#include <ATen/ATen.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <opencv2/imgcodecs.hpp>

#include "robiq/core/files/files.h"
#include "robiq/core/memory_limit.h"
#include "robiq/core/text/text.h"
#include "robiq/data/loader.h"
#include "robiq/tensor/device.h"
#include "robiq/train/train_step.h"

namespace robiq {
namespace {

constexpr std::int64_t kBatch = 4, kSide = 224, kPictures = 40;
constexpr const char* kPictureSize = "500";

/// Writes uint8 [3,H,W] as JPEG or BMP, by the file's ending.
void write_picture(const std::string& file, const at::Tensor& pixels) {
  const at::Tensor bgr = pixels.flip(0).permute({1, 2, 0}).contiguous();
  const cv::Mat picture(static_cast<int>(bgr.size(0)), static_cast<int>(bgr.size(1)), CV_8UC3,
                        bgr.data_ptr());
  cv::imwrite(file, picture, {cv::IMWRITE_JPEG_QUALITY, 95});
}

/// Half of them JPEG, half BMP, made of the built-in scenes with the noise that a camera adds.
std::unique_ptr<Dataset> picture_files(const std::filesystem::path& folder) {
  const auto scenes = Registry<Dataset>::instance().make(
      parse_spec(std::string("builtin:scenes=40,size=") + kPictureSize, "bench"), "bench");
  std::string list = "image,mos\n";
  for (std::int64_t i = 0; i < kPictures; ++i) {
    const std::size_t record = static_cast<std::size_t>(i) * scenes->records().size() / kPictures;
    const at::Tensor clean = scenes->read(scenes->records()[record]).to(at::kFloat);
    const at::Tensor noisy = (clean + 6 * at::randn_like(clean)).clamp(0, 255).to(at::kByte);
    const std::string name = fmt::format("p{}.{}", i, i % 2 == 0 ? "jpg" : "bmp");
    write_picture((folder / name).string(), noisy);
    list += fmt::format("{},{}\n", name, i);
  }
  write_file(folder / "list.csv", list);
  const std::string spec = "csv:" + (folder / "list.csv").string();
  return Registry<Dataset>::instance().make(parse_spec(spec, "bench"), "bench");
}

/// Of this process: on the clock, and of all its threads.
struct Seconds {
  double wall = 0, processor = 0;

  static Seconds now() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    const auto clock = std::chrono::steady_clock::now().time_since_epoch();
    return {std::chrono::duration<double>(clock).count(),
            seconds(used.ru_utime) + seconds(used.ru_stime)};
  }
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Runs one kind of work in every round; per step, the median over the rounds.
struct Timed {
  std::string name;
  std::function<void(std::int64_t steps)> run;
  std::vector<double> wall, processor;

  void round(std::int64_t steps) {
    const Seconds before = Seconds::now();
    run(steps);
    const Seconds after = Seconds::now();
    wall.push_back((after.wall - before.wall) / static_cast<double>(steps));
    processor.push_back((after.processor - before.processor) / static_cast<double>(steps));
  }
};

/// HyperIQA in training.
struct Trained {
  std::unique_ptr<QualityModel> model = Registry<QualityModel>::instance().make("hyperiqa", {});
  std::unique_ptr<Loss> loss = Registry<Loss>::instance().make("l1", {});
  std::unique_ptr<Defense> defense = Registry<Defense>::instance().make("none", {});
  Optimizer optimizer{{}, model->parameter_groups()};

  Trained() { model->set_training(true); }
  void step(const Batch& batch) {
    train_step({*model, *loss, *defense, optimizer}, {batch.images(c10::kCPU), batch.mos}, Rng(0));
  }
};

class LoaderBench {
 public:
  LoaderBench() : dataset_(picture_files(folder_.path())) {
    records_.resize(dataset_->records().size());
    std::iota(records_.begin(), records_.end(), std::size_t{0});
  }

  void run(std::int64_t steps, std::int64_t rounds) {
    const PictureCacheOptions none{.memory_bytes = 0}, memory,
        disk{.memory_bytes = 0, .folder = folder_.path() / "kept"};
    load(1, disk, 10 * kPictures / kBatch);  // so that the folder is full
    const Batch ready = load(1, none, 1);
    std::vector<Timed> kinds = {
        {"step on a batch that is there", [&](std::int64_t n) { train(ready, n); }},
        {"step, every crop decoded", [&](std::int64_t n) { train(1, none, n); }},
        {"step, two decoding threads", [&](std::int64_t n) { train(2, none, n); }},
        {"step, decoded pictures in memory", [&](std::int64_t n) { train(1, memory, n); }},
        {"step, decoded pictures on disk", [&](std::int64_t n) { train(1, disk, n); }},
        {"loader alone, every crop decoded", [&](std::int64_t n) { load(1, none, 10 * n); }},
        {"loader alone, pictures on disk", [&](std::int64_t n) { load(1, disk, 10 * n); }},
    };
    for (std::int64_t round = 0; round < rounds; ++round) {
      for (Timed& kind : kinds) kind.round(steps);
    }
    print(kinds);
  }

 private:
  [[nodiscard]] Loader make_loader(std::int64_t workers, const PictureCacheOptions& cache) const {
    const LoaderOptions options{.batch_size = kBatch, .workers = workers, .cache = cache};
    const CropPolicy crops{.side = kSide, .per_image = 25, .flip = true};
    return {*dataset_, records_, crops, options, Rng(0)};
  }

  Batch load(std::int64_t workers, const PictureCacheOptions& cache, std::int64_t count) const {
    Loader loader = make_loader(workers, cache);
    loader.start(0);
    std::optional<Batch> batch;
    for (std::int64_t i = 0; i < count; ++i) {
      batch = loader.next();
      if (!batch) loader.start(i);
    }
    return batch.value();
  }

  void train(const Batch& batch, std::int64_t steps) {
    for (std::int64_t i = 0; i < steps; ++i) trained_.step(batch);
  }

  /// The batches that are made ahead and not used count too.
  void train(std::int64_t workers, const PictureCacheOptions& cache, std::int64_t steps) {
    Loader loader = make_loader(workers, cache);
    loader.start(0);
    for (std::int64_t i = 0; i < steps; ++i) trained_.step(*loader.next());
  }

  static void print(const std::vector<Timed>& kinds) {
    const double wall = median(kinds[0].wall), processor = median(kinds[0].processor);
    std::vector<std::vector<std::string>> rows;
    for (const Timed& kind : kinds) {
      // The loader alone makes ten batches where the others make one step.
      const double per = kind.name.starts_with("loader") ? 10 : 1;
      const double own = median(kind.processor) / per;
      const double added = per > 1 ? own : own - processor;
      rows.push_back({kind.name, fmt::format("{:.4f}", median(kind.wall) / per),
                      fmt::format("{:.4f}", own), fmt::format("{:.1f}", 100 * added / processor),
                      per > 1 ? "" : fmt::format("{:.1f}", 100 * (median(kind.wall) / wall - 1))});
    }
    fmt::print("{}", table_text({"per step or batch of 4", "seconds", "processor seconds",
                                 "added processor %", "added time %"},
                                rows));
  }

  TemporaryFolder folder_;
  std::unique_ptr<Dataset> dataset_;
  std::vector<std::size_t> records_;
  Trained trained_;
};

}  // namespace
}  // namespace robiq

int main(int argc, char** argv) {
  robiq::keep_freed_memory();
  robiq::prepare_arithmetic(0);
  const auto number = [&](int i, long fallback) {
    return argc > i ? std::atol(argv[i]) : fallback;
  };
  robiq::LoaderBench().run(number(1, 8), number(2, 5));
}
