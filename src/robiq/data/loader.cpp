#include "robiq/data/loader.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <map>
#include <thread>

#include "robiq/core/error.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/resample.h"

namespace robiq {

at::Tensor Batch::images(c10::Device device) const { return to_float(pixels.to(device)); }

namespace {

/// One row of a batch: which picture, and which of its crops.
struct Sample {
  std::size_t record = 0;
  std::uint64_t crop = 0;
};

struct Placement {
  std::int64_t top = 0, left = 0;
  bool mirrored = false, upside_down = false;
};

/// Copies a crop of `picture` [3,H,W] to `target` [3,side_y,side_x], both bytes.
void copy_crop(const at::Tensor& picture, const Placement& place, at::Tensor target) {
  const std::int64_t height = target.size(1), width = target.size(2);
  const std::int64_t stride = picture.size(2);
  const std::uint8_t* const from = picture.data_ptr<std::uint8_t>();
  std::uint8_t* to = target.data_ptr<std::uint8_t>();
  for (std::int64_t c = 0; c < 3; ++c) {
    for (std::int64_t y = 0; y < height; ++y, to += width) {
      const std::int64_t line = place.top + (place.upside_down ? height - 1 - y : y);
      const std::uint8_t* const row = from + (c * picture.size(1) + line) * stride + place.left;
      if (place.mirrored) {
        std::reverse_copy(row, row + width, to);
      } else {
        std::memcpy(to, row, static_cast<std::size_t>(width));
      }
    }
  }
}

}  // namespace

struct Loader::Impl {
  Impl(const Dataset& dataset_, std::vector<std::size_t> records_, CropPolicy policy_,
       LoaderOptions options_, Rng rng_)
      : dataset(dataset_),
        records(std::move(records_)),
        policy(policy_),
        options(options_),
        rng(rng_),
        cache(dataset_, options.cache) {}

  const Dataset& dataset;
  std::vector<std::size_t> records;
  CropPolicy policy;
  LoaderOptions options;
  Rng rng;
  PictureCache cache;

  std::vector<Sample> samples;  ///< of the epoch, in order
  std::int64_t epoch = 0;

  std::mutex mutex;
  std::condition_variable changed;
  std::int64_t next_to_make = 0, next_to_give = 0;
  std::map<std::int64_t, Batch> ready;
  std::exception_ptr failure;
  std::int64_t failed_batch = 0;
  bool stopping = false;
  std::vector<std::jthread> workers;

  [[nodiscard]] std::int64_t batches() const {
    const auto rows = static_cast<std::int64_t>(records.size()) * policy.per_image;
    const std::int64_t rest = rows % options.batch_size;
    return rows / options.batch_size + (rest > 0 && rest >= options.least_batch ? 1 : 0);
  }

  void stop() {
    {
      const std::scoped_lock lock(mutex);
      stopping = true;
    }
    changed.notify_all();
    workers.clear();
    stopping = false;
    ready.clear();
    failure = nullptr;
  }

  void order_samples() {
    samples.clear();
    for (const std::size_t record : records) {
      for (std::int64_t crop = 0; crop < policy.per_image; ++crop) {
        samples.push_back({record, static_cast<std::uint64_t>(crop)});
      }
    }
    RandomStream(rng.child("shuffle").child(static_cast<std::uint64_t>(epoch))).shuffle(samples);
  }

  [[nodiscard]] Placement place(const Sample& sample, const at::Tensor& picture) const {
    const Rng epoch_rng = rng.child("augment").child(static_cast<std::uint64_t>(epoch));
    RandomStream stream(epoch_rng.child(sample.record).child(sample.crop));
    Placement chosen;
    if (policy.side > 0) {
      const auto offsets = [&](std::int64_t length) {
        const std::int64_t room = length - policy.side + (policy.exclusive ? 0 : 1);
        return static_cast<std::uint64_t>(std::max<std::int64_t>(1, room));
      };
      chosen.top = static_cast<std::int64_t>(stream.below(offsets(picture.size(1))));
      chosen.left = static_cast<std::int64_t>(stream.below(offsets(picture.size(2))));
    }
    chosen.mirrored = policy.flip && stream.uniform() < 0.5;
    chosen.upside_down = policy.upside_down > 0 && stream.uniform() < policy.upside_down;
    return chosen;
  }

  [[nodiscard]] at::Tensor checked_picture(const Sample& sample, const Batch& batch) {
    at::Tensor picture = cache.get(sample.record);
    if (policy.resize_height > 0) {
      picture = resize_bytes(picture, policy.resize_height, policy.resize_width);
    }
    const std::string& id = dataset.records()[sample.record].id;
    const std::int64_t least = std::min(picture.size(1), picture.size(2));
    if (policy.side > least) {
      throw Error(ErrorKind::kData, {"the picture's shorter side has " + std::to_string(least) +
                                         " pixels, the model's crop " + std::to_string(policy.side),
                                     id, "leave it out, or train on larger pictures"});
    }
    if (policy.side == 0 && batch.pixels.defined() &&
        batch.pixels.sizes().slice(1) != picture.sizes()) {
      throw Error(ErrorKind::kData, {"pictures of different sizes cannot share a batch", id,
                                     "use --batch-size 1, or pictures of one size"});
    }
    return picture;
  }

  [[nodiscard]] Batch make_batch(std::int64_t number) {
    const std::int64_t start = number * options.batch_size;
    Batch batch;
    batch.rows_of_all = std::min(options.batch_size, std::ssize(samples) - start);
    batch.first_row = batch.rows_of_all * options.rank / options.world;
    const std::int64_t first = start + batch.first_row;
    const std::int64_t count =
        batch.rows_of_all * (options.rank + 1) / options.world - batch.first_row;
    batch.mos = at::empty({count}, at::kFloat);
    if (count == 0) batch.pixels = at::empty({0, 3, 0, 0}, at::kByte);
    for (std::int64_t row = 0; row < count; ++row) {
      const Sample& sample = samples[static_cast<std::size_t>(first + row)];
      const ImageRecord& record = dataset.records()[sample.record];
      const at::Tensor picture = checked_picture(sample, batch);
      if (!batch.pixels.defined()) {
        const std::int64_t height = policy.side > 0 ? policy.side : picture.size(1);
        const std::int64_t width = policy.side > 0 ? policy.side : picture.size(2);
        batch.pixels = at::empty({count, 3, height, width}, at::kByte);
      }
      copy_crop(picture, place(sample, picture), batch.pixels.select(0, row));
      batch.mos.data_ptr<float>()[row] = static_cast<float>(record.mos);
      batch.ids.push_back(record.id);
    }
    return batch;
  }

  void work() {
    for (;;) {
      std::int64_t number = 0;
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] {
          return stopping || failure || next_to_make < next_to_give + options.ahead;
        });
        if (stopping || failure || next_to_make >= batches()) return;
        number = next_to_make++;
      }
      try {
        Batch batch = make_batch(number);
        const std::scoped_lock lock(mutex);
        ready.emplace(number, std::move(batch));
      } catch (...) {
        const std::scoped_lock lock(mutex);
        if (!failure || number < failed_batch) {
          failure = std::current_exception();
          failed_batch = number;
        }
      }
      changed.notify_all();
    }
  }
};

Loader::Loader(const Dataset& dataset, std::vector<std::size_t> records, CropPolicy policy,
               LoaderOptions options, Rng rng)
    : impl_(std::make_unique<Impl>(dataset, std::move(records), policy, options, rng)) {}

Loader::~Loader() { impl_->stop(); }

void Loader::start(std::int64_t epoch, std::int64_t first_batch) {
  impl_->stop();
  impl_->epoch = epoch;
  impl_->order_samples();
  impl_->next_to_make = impl_->next_to_give = first_batch;
  for (std::int64_t i = 0; i < impl_->options.workers; ++i) {
    impl_->workers.emplace_back([this] { impl_->work(); });
  }
}

std::optional<Batch> Loader::next() {
  Impl& my = *impl_;
  if (my.next_to_give >= my.batches()) return std::nullopt;
  std::unique_lock lock(my.mutex);
  my.changed.wait(lock, [&] {
    return my.ready.contains(my.next_to_give) || (my.failure && my.failed_batch <= my.next_to_give);
  });
  const auto it = my.ready.find(my.next_to_give);
  if (it == my.ready.end()) std::rethrow_exception(my.failure);
  Batch batch = std::move(it->second);
  my.ready.erase(it);
  ++my.next_to_give;
  lock.unlock();
  my.changed.notify_all();
  return batch;
}

std::int64_t Loader::batches_per_epoch() const { return impl_->batches(); }

std::int64_t Loader::pictures_per_epoch() const { return std::ssize(impl_->records); }

}  // namespace robiq
