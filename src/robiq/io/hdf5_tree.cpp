#ifdef ROBIQ_HAVE_MATIO
#include "robiq/io/hdf5_tree.h"

#include <array>
#include <set>

namespace robiq {
namespace {

constexpr std::size_t kLongestName = 255;

/// Groups by their place in the file: HDF5's own tree has each of MATLAB's once.
class Tree {
 public:
  explicit Tree(std::uint64_t limit) : left_(limit) {}

  std::string problem_of(hid_t group, int depth) {
    Hdf5ObjectInfo info{};
    if (H5Oget_info2(group, &info, H5O_INFO_BASIC) < 0) return "it is damaged: a group is no group";
    if (depth < 0 || !seen_.insert(info.addr).second) return "it has a group that holds itself";
    std::vector<std::string> names;
    std::string problem = read_hdf5_links(group, left_, names);
    left_ -= problem.empty() ? names.size() : 0;
    for (std::size_t i = 0; i < names.size() && problem.empty(); ++i) {
      const Hdf5Handle object(H5Oopen(group, names[i].c_str(), H5P_DEFAULT), H5Oclose);
      if (!object.valid()) return "it is damaged: an object of it cannot be opened";
      if (H5Iget_type(object.get()) == H5I_GROUP) problem = problem_of(object.get(), depth - 1);
    }
    return problem;
  }

 private:
  std::uint64_t left_;
  std::set<haddr_t> seen_;
};

}  // namespace

std::string read_hdf5_links(hid_t group, std::uint64_t limit, std::vector<std::string>& names) {
  H5G_info_t info{};
  if (H5Gget_info(group, &info) < 0) return "it is damaged: a group cannot be read";
  if (info.nlinks > limit) return "the file has more arrays than are allowed";
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    std::array<char, kLongestName + 1> name{};
    const auto by_index = [&](auto call, auto... more) {
      return call(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, more..., H5P_DEFAULT);
    };
    const ssize_t length = by_index(H5Lget_name_by_idx, name.data(), name.size());
    H5L_info_t link{};
    if (length <= 0 || static_cast<std::size_t>(length) >= name.size() ||
        by_index(H5Lget_info_by_idx, &link) < 0) {
      return "it is damaged: a name in it cannot be read";
    }
    if (link.type != H5L_TYPE_HARD) return "it has a link out of itself";
    names.emplace_back(name.data(), static_cast<std::size_t>(length));
  }
  return "";
}

std::string hdf5_tree_problem(hid_t file, std::uint64_t limit, int depth) {
  const Hdf5Handle root(H5Gopen2(file, "/", H5P_DEFAULT), H5Gclose);
  if (!root.valid()) return "it is damaged: it has no group of variables";
  return Tree(limit).problem_of(root.get(), depth);
}

}  // namespace robiq
#endif
