#include "robiq/core/files/files.h"

#include <ATen/ATen.h>

#include <filesystem>

#include "robiq/attack/attack.h"
#include "robiq/attack/ready_pictures.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

/// Adversarial pictures that were made before, by `robiq attack` or by any other tool: every model
/// is shown the same ones.
class Files final : public Attack, public ReadsPictures {
 public:
  static constexpr const char* kName = "files";
  static constexpr const char* kSummary = "shows pictures of a folder in place of the clean ones";
  static constexpr const char* kPaper = "";
  static constexpr const char* kArgument = "folder";
  struct Options {
    std::string folder;
    static OptionTable<Options> options() {
      return {
          {"folder", &Options::folder,
           "with a picture for every clean one: NAME.png for NAME.jpg, or of the same name; where "
           "two clean pictures share a name, FOLDER/NAME.png"}};
    }
  };

  explicit Files(const Options& options) : folder_(options.folder) {
    card_ = {.name = kName,
             .title = "Files",
             .rank = 90,
             .strength = "",
             .white_box = false,
             .uses_model = false};
    card_.acts_on = AttackTarget::kPicture;
  }
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }
  void know_pictures(const std::vector<std::string>& ids) override { folder_.know(ids); }
  [[nodiscard]] std::string content_for(const std::string& id) const override {
    return sha256_of_file(folder_.file_of(id));
  }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& /*victim*/, const AttackBatch& batch,
                                      const AttackContext& /*context*/) const override {
    std::vector<at::Tensor> pictures;
    for (std::size_t row = 0; row < batch.ids.size(); ++row) {
      const fs::path file = folder_.file_of(batch.ids[row]);
      const at::Tensor picture = to_float(read_picture(file).to(batch.images.device()));
      const at::Tensor clean = batch.images[static_cast<std::int64_t>(row)];
      if (picture.sizes() != clean.sizes()) {
        throw Error(ErrorKind::kData,
                    {"it is " + size_text(picture) + ", the clean one is " + size_text(clean),
                     file.string(), "give attacked pictures of the size of the clean ones"});
      }
      pictures.push_back(picture);
    }
    return {at::stack(pictures), 0, 0};
  }

 private:
  static std::string size_text(const at::Tensor& picture) {
    return std::to_string(picture.size(2)) + "x" + std::to_string(picture.size(1));
  }

  PictureFolder folder_;
  AttackCard card_;
};

ROBIQ_REGISTER(Attack, Files);

}  // namespace
}  // namespace robiq
