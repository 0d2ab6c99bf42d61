#pragma once
// Copies of the published data sets with a handful of tiny pictures, in the publishers' folders and
// file types.
#include <ATen/ATen.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/io/table/csv.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/mat_writer.h"
#include "support/tiny_pictures.h"
#include "support/xlsx_writer.h"

namespace robiq::test {

namespace fs = std::filesystem;

inline constexpr int kFakeSide = 40;

/// A picture of the kind that its ending says; `level` makes it one of a kind.
inline void write_fake_picture(const fs::path& file, int level) {
  const std::string ending = file.extension().string();
  if (ending == ".png") {
    write_png(file, at::full({3, kFakeSide, kFakeSide}, level, at::kByte));
  } else if (ending == ".bmp" || ending == ".BMP") {
    write_file(file, bmp_bytes(kFakeSide, kFakeSide, level));
  } else {
    write_file(file, jpeg_bytes(kFakeSide, kFakeSide, level));
  }
}

/// The label of picture i of n, evenly from low to high.
[[nodiscard]] inline double fake_label(int i, int n, double low, double high) {
  return low + (high - low) * i / (n - 1);
}

inline void write_mat5(const fs::path& file, const std::vector<Given>& variables) {
  make_folder(file.parent_path());
  mat_t* const mat = Mat_CreateVer(file.c_str(), nullptr, MAT_FT_MAT5);
  for (const Given& given : variables) {
    Mat_VarWrite(mat, given.get(), MAT_COMPRESSION_ZLIB);
    Mat_VarFree(given.get());
  }
  Mat_Close(mat);
}

/// A column of texts, as MATLAB's cell arrays are.
[[nodiscard]] inline Given mat_cells(const char* name, const std::vector<std::string>& texts,
                                     bool row = false) {
  std::vector<Given> cells;
  for (const std::string& text : texts) cells.push_back(Given::text(nullptr, text));
  const std::size_t n = texts.size();
  return Given::cell(name, row ? std::vector<std::size_t>{1, n} : std::vector<std::size_t>{n, 1},
                     cells);
}

/// 12 photographs behind the 7 training images.
inline fs::path fake_livec(const fs::path& folder) {
  const fs::path root = folder / "ChallengeDB_release";
  std::vector<std::string> names;
  std::vector<double> mos;
  for (int i = 1; i <= 7; ++i) {
    names.push_back("t" + std::to_string(i) + ".bmp");
    mos.push_back(50 + i);
    write_fake_picture(root / "Images" / "trainingImages" / names.back(), i);
  }
  const std::vector<std::string> rated = {"100.bmp", "101.bmp", "10.bmp", "110.JPG",
                                          "3.bmp",   "4.JPG",   "5.JPG",  "60.JPG",
                                          "61.JPG",  "62.JPG",  "7.bmp",  "999.JPG"};
  for (int i = 0; i < 12; ++i) {
    names.push_back(rated[static_cast<std::size_t>(i)]);
    mos.push_back(fake_label(i, 12, 3.42, 92.43));
    write_fake_picture(root / "Images" / names.back(), 20 + 10 * i);
  }
  write_mat5(root / "Data" / "AllImages_release.mat", {mat_cells("AllImages_release", names)});
  write_mat5(root / "Data" / "AllMOS_release.mat",
             {Given::doubles("AllMOS_release", {1, mos.size()}, mos)});
  return root;
}

/// 15 rated pictures, the first three of each folder; the other 967 rows are copies.
inline fs::path fake_live(const fs::path& folder) {
  const fs::path root = folder / "databaserelease2";
  const std::vector<std::pair<std::string, int>> folders = {
      {"jp2k", 227}, {"jpeg", 233}, {"wn", 174}, {"gblur", 174}, {"fastfading", 174}};
  std::vector<double> dmos, realigned, copies;
  std::vector<std::string> references;
  for (const auto& [name, pictures] : folders) {
    for (int i = 1; i <= pictures; ++i) {
      const int rated = static_cast<int>(dmos.size()) % 982;
      copies.push_back(i <= 3 ? 0 : 1);
      dmos.push_back(i <= 3 ? 10.0 + rated * 0.05 : 0);
      realigned.push_back(i <= 3 ? -2 + rated * 0.1 : 0);
      references.push_back(i % 3 == 0 ? "bikes.bmp" : i % 3 == 1 ? "caps.bmp" : "plane.bmp");
      if (i <= 3) {
        const int level = static_cast<int>(dmos.size()) % 251;
        write_fake_picture(root / name / ("img" + std::to_string(i) + ".bmp"), level);
      }
    }
  }
  write_mat5(root / "dmos.mat",
             {Given::doubles("dmos", {1, 982}, dmos), Given::doubles("orgs", {1, 982}, copies)});
  write_mat5(root / "dmos_realigned.mat", {Given::doubles("dmos_new", {1, 982}, realigned),
                                           Given::doubles("orgs", {1, 982}, copies)});
  write_mat5(root / "refnames_all.mat", {mat_cells("refnames_all", references, true)});
  return root;
}

/// 10 photographs, 6 of them for training, 2 for validation, 2 for testing.
inline fs::path fake_koniq10k(const fs::path& folder) {
  const fs::path root = folder / "koniq10k";
  std::vector<std::vector<std::string>> scores, sets;
  for (int i = 0; i < 10; ++i) {
    const std::string name = std::to_string(10004473376 + 1000 * i) + ".jpg";
    write_fake_picture(root / "1024x768" / name, 20 * (i + 1));
    scores.push_back({name, "0", "0", "25", "73", "7", "105",
                      number_text(fake_label(i, 10, 1.2, 4.2)), "0.5",
                      number_text(fake_label(i, 10, 5, 85))});
    sets.push_back({name, "0", "0", "0.2", "0.7", "0.1", "105",
                    number_text(fake_label(i, 10, 4, 88)), "0.5",
                    i < 6   ? "training"
                    : i < 8 ? "validation"
                            : "test"});
  }
  write_csv(root / "koniq10k_scores_and_distributions.csv",
            {"image_name", "c1", "c2", "c3", "c4", "c5", "c_total", "MOS", "SD", "MOS_zscore"},
            scores);
  write_csv(root / "koniq10k_distributions_sets.csv",
            {"image_name", "c1", "c2", "c3", "c4", "c5", "c_total", "MOS", "SD", "set"}, sets);
  return root;
}

/// 4 scenes x 2 distortions x 2 levels.
inline fs::path fake_kadid10k(const fs::path& folder) {
  const fs::path root = folder / "kadid10k";
  std::vector<std::vector<std::string>> rows;
  for (int scene = 1; scene <= 4; ++scene) {
    const std::string reference = "I0" + std::to_string(scene);
    write_fake_picture(root / "images" / (reference + ".png"), scene);
    for (const char* distortion : {"_01_01", "_01_05", "_10_01", "_10_05"}) {
      const int i = static_cast<int>(rows.size());
      const std::string name = reference + distortion + ".png";
      write_fake_picture(root / "images" / name, 10 + i);
      rows.push_back({name, reference + ".png", number_text(fake_label(i, 16, 1, 4.93)), "0.5"});
    }
  }
  write_csv(root / "dmos.csv", {"dist_img", "ref_img", "dmos", "var"}, rows);
  return root;
}

/// 4 scenes x 3 pictures; listed and shipped in letters of different case.
inline fs::path fake_tid2013(const fs::path& folder) {
  const fs::path root = folder / "tid2013";
  std::string list;
  int i = 0;
  for (const char* scene : {"I01", "I02", "i20", "i25"}) {
    for (const char* distortion : {"_01_1", "_01_5", "_24_3"}) {
      const std::string listed = std::string(scene) + distortion + ".bmp";
      std::string shipped = listed;
      shipped[0] = i % 2 == 0 ? 'i' : 'I';
      if (i % 3 == 0) shipped.replace(shipped.size() - 3, 3, "BMP");
      write_fake_picture(root / "distorted_images" / shipped, 10 + i);
      list += number_text(fake_label(i++, 12, 0.24242, 7.21429)) + " " + listed + "\r\n";
    }
  }
  write_file(root / "mos_with_names.txt", list);
  return root;
}

/// 3 scenes x 6 distortions, in the fourth row and column of the sheet.
inline fs::path fake_csiq(const fs::path& folder) {
  const fs::path root = folder / "CSIQ";
  XlsxRows rows = {{"image", "dst_idx", "dst_type", "dst_lev", "dmos_std", "dmos"}};
  const std::vector<std::vector<std::string>> kinds = {{"noise", "awgn", "AWGN"},
                                                       {"jpeg", "jpeg", "JPEG"},
                                                       {"jpeg 2000", "jpeg2000", "jpeg2000"},
                                                       {"fnoise", "fnoise", "fnoise"},
                                                       {"blur", "blur", "BLUR"},
                                                       {"contrast", "contrast", "contrast"}};
  for (const char* scene : {"1600", "aerial_city", "boston"}) {
    for (const auto& kind : kinds) {
      const int i = static_cast<int>(rows.size()) - 1;
      rows.push_back({scene, "1", kind[0], "2", "0.05", number_text(fake_label(i, 18, 0, 1))});
      const std::string name = std::string(scene) + "." + kind[2] + ".2.png";
      write_fake_picture(root / "dst_imgs" / kind[1] / name, 10 + i);
    }
  }
  XlsxParts(rows, "all_by_image", 3, 3).write(root / "csiq.DMOS.xlsx");
  return root;
}

/// 10 photographs, their numbers with gaps.
inline fs::path fake_bid(const fs::path& folder) {
  const fs::path root = folder / "BID";
  XlsxRows rows = {{"Image Number", "Average Subjective Grade", "Standard Deviation "}};
  for (int i = 0; i < 10; ++i) {
    const std::string number = std::to_string(1 + 3 * i);
    rows.push_back({number, number_text(fake_label(i, 10, 0.1, 4.7)), "0.4"});
    write_fake_picture(
        root / "ImageDatabase" /
            ("DatabaseImage" + std::string(4 - number.size(), '0') + number + ".JPG"),
        20 + i);
  }
  XlsxParts(rows, "Plan1").write(root / "DatabaseGrades.xlsx");
  return root;
}

/// 10 photographs.
inline fs::path fake_spaq(const fs::path& folder) {
  const fs::path root = folder / "SPAQ";
  XlsxRows rows = {
      {"Image name", "MOS", "Brightness", "Colorfulness", "Contrast", "Noisiness", "Sharpness"}};
  for (int i = 1; i <= 10; ++i) {
    const std::string name = (i < 10 ? "0000" : "000") + std::to_string(i) + ".jpg";
    rows.push_back({name, number_text(fake_label(i - 1, 10, 2, 96)), "1", "2", "3", "4", "5"});
    write_fake_picture(root / "TestImage" / name, 20 + i);
  }
  XlsxParts(rows).write(root / "Annotations" / "MOS and Image attribute scores.xlsx");
  return root;
}

/// 4 scenes x 3 pictures, spread over the four folders.
inline fs::path fake_pipal(const fs::path& folder) {
  const fs::path root = folder / "PIPAL";
  int i = 0;
  for (const char* scene : {"A0001", "A0002", "A0010", "A0200"}) {
    std::string list;
    for (const char* distortion : {"_00_00", "_02_10", "_06_01"}) {
      const std::string name = std::string(scene) + distortion + ".bmp";
      list += name + "," + number_text(fake_label(i, 12, 916.71, 1835.99)) + "\n";
      write_fake_picture(root / ("Distortion_" + std::to_string(i % 4 + 1)) / name, 10 + i);
      ++i;
    }
    write_file(root / "Train_Label" / (std::string(scene) + ".txt"), list);
  }
  return root;
}

/// What one of them is.
struct FakeSet {
  std::string name;
  std::function<fs::path(const fs::path&)> make;  ///< \return the publisher's folder
  std::size_t pictures, contents;
};

/// All that this build can read.
[[nodiscard]] inline std::vector<FakeSet> fake_sets() {
  std::vector<FakeSet> sets = {{"koniq10k", fake_koniq10k, 10, 10},
                               {"kadid10k", fake_kadid10k, 16, 4},
                               {"tid2013", fake_tid2013, 12, 4},
                               {"pipal", fake_pipal, 12, 4}};
  sets.push_back({"livec", fake_livec, 12, 12});
  sets.push_back({"live", fake_live, 15, 3});
  sets.push_back({"csiq", fake_csiq, 18, 3});
  sets.push_back({"bid", fake_bid, 10, 10});
  sets.push_back({"spaq", fake_spaq, 10, 10});
  return sets;
}

}  // namespace robiq::test
