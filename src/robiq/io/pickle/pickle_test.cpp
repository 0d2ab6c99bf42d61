#include "robiq/io/pickle/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/io/pickle/object_builder.h"
#include "robiq/io/pickle/pickle_view.h"
#include "support/errors.h"
#include "support/object_json.h"
#include "support/zip_bytes.h"

namespace robiq {
namespace pickle_test {

using nlohmann::json;
using test::le;
using test::plain;
using namespace std::string_literals;

ObjectPtr read(const std::string& bytes) {
  const auto source = source_of_bytes("a.pkl", bytes);
  PickleInput input(*source);
  const PickleTree tree = read_pickle(input, is_known_python_name);
  EXPECT_EQ(input.left(), 0U);
  return ObjectBuilder(tree, *source, nullptr).root();
}

void expect_refused(const std::string& bytes, const std::string& what) {
  expect_error(ErrorKind::kModel, {what, "a.pkl", "get the file again"},
               [&] { (void)read(bytes); });
}

struct Case {
  std::string bytes;
  json value;
};

TEST(Pickle, ReadsEveryInstruction) {
  const Case cases[] = {
      {"N.", nullptr},
      {"\x88.", true},
      {"I01\n.", true},
      {"I00\n.", false},
      {"I-12\n.", -12},
      {"L123L\n.", 123},
      {"L7\n.", 7},
      {"K\xFF.", 255},
      {"M\xFF\xFF.", 65535},
      {"J\xFE\xFF\xFF\xFF.", -2},
      {"\x8a\0."s, 0},
      {"\x8a\1\xFE.", -2},
      {"\x8b\3\0\0\0\0\0\1."s, 65536},
      {"F-1.5\n.", -1.5},
      {"G\xBF\xF8\0\0\0\0\0\0."s, -1.5},
      {"S'a\\x41\\n\\''\n.", "aA\n'"},
      {"S\"\\101\"\n.", "A"},
      {"T\2\0\0\0ab."s, "ab"},
      {"U\2ab.", "ab"},
      {"U\1\xFF.", {{"bytes", "ff"}}},
      {"V\\u00e9\\U0001F600\xE9\n.", "é😀é"},
      {"X\2\0\0\0\xC3\xA9."s, "é"},
      {"\x8c\1a.", "a"},
      {"\x8d\1\0\0\0\0\0\0\0a."s, "a"},
      {"C\1\x80.", {{"bytes", "80"}}},
      {"B\1\0\0\0\x80."s, {{"bytes", "80"}}},
      {"\x8e\1\0\0\0\0\0\0\0\x80."s, {{"bytes", "80"}}},
      {"\x96\1\0\0\0\0\0\0\0\x80\x98."s, {{"bytes", "80"}}},
      {").", json::array()},
      {"K\1\x85.", {1}},
      {"K\1K\2\x86.", {1, 2}},
      {"K\1K\2K\3\x87.", {1, 2, 3}},
      {"(K\1K\2t.", {1, 2}},
      {"(K\1l.", {1}},
      {"]K\1a(K\2K\3e.", {1, 2, 3}},
      {"\x8f(K\1\x90.", {1}},
      {"(K\1\x91.", {1}},
      {"(K\1K\2d.", {{"dict", {{1, 2}}}}},
      {"}K\1K\2s(K\3K\4u.", {{"dict", {{1, 2}, {3, 4}}}}},
      {"K\1K\2"
       "0.",
       1},
      {"K\1(K\2K\3"
       "1.",
       1},
      {"K\1(0.", 1},
      {"K\1"
       "2\x86.",
       {1, 1}},
      {"K\1p2\ng2\n\x86.", {1, 1}},
      {"K\1q\2h\2\x86.", {1, 1}},
      {"K\1r\2\0\0\0j\2\0\0\0\x86."s, {1, 1}},
      {"\x80\4\x95\4\0\0\0\0\0\0\0K\1\x94h\0\x86."s, {1, 1}},
      {"ccollections\nOrderedDict\n)RK\1K\2s}b.", {{"dict", {{1, 2}}}}},
      {"ccollections\nOrderedDict\n((lp0\n(lp1\nK\1aK\2aatR.", {{"dict", {{1, 2}}}}},
      {"c__builtin__\nset\n((K\1ltR.", {1}},
      {"\x8c\10builtins\x8c\4list\x93)R.", json::array()},
      {"cargparse\nNamespace\n)\x81}U\1aK\1sb.", {{"dict", json::array({json::array({"a", 1})})}}},
      {"cargparse\nNamespace\n)}\x92.", {{"dict", json::array()}}},
      {"(icollections\nOrderedDict\n.", {{"dict", json::array()}}},
      {"(ccollections\nOrderedDict\no.", {{"dict", json::array()}}},
      {"c_codecs\nencode\nV\\u00ff\nVlatin1\n\x86R.", {{"bytes", "ff"}}},
      {"ctorch\ndevice\nU\4cudaK\1\x86R.", "cuda:1"},
      {"ctorch\nfloat32\n.", "torch.float32"},
      {"cnumpy._core.multiarray\nscalar\ncnumpy\ndtype\nU\2i2\x85RU\2\1\1\x86R.",
       {{"tensor", "int16"}, {"shape", json::array()}, {"values", {257.0}}}},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(testing::PrintToString(one.bytes));
    EXPECT_EQ(plain(*read(one.bytes)), one.value);
  }
}

TEST(Pickle, WhatIsSharedStaysOneObject) {
  const ObjectPtr root = read("]q\0]q\1ah\1a."s);
  const auto& list = *root->get_if<Object::List>();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0], list[1]);
}

TEST(Pickle, StopsBehindItsStop) {
  const auto source = source_of_bytes("a.pkl", "K\1.K\2.");
  PickleInput input(*source);
  for (const std::uint64_t end : {3U, 6U}) {
    (void)read_pickle(input, is_known_python_name);
    EXPECT_EQ(input.position(), end);
  }
}

TEST(Pickle, LongValuesCrossTheBuffer) {
  std::string bytes = "](";
  for (int i = 0; i < 3; ++i) bytes += "X" + le(100'000, 4) + std::string(100'000, 'a');
  const ObjectPtr root = read(bytes + "e.");
  EXPECT_EQ(*root->get_if<Object::List>()->at(2)->get_if<std::string>(), std::string(100'000, 'a'));
}

TEST(Pickle, NamesThatAreNotAllowedEndItAtOnce) {
  const auto expect_name = [](const std::string& bytes, const std::string& name) {
    SCOPED_TRACE(name);
    expect_error(ErrorKind::kModel,
                 {"the file asks for " + name + ", which robiq does not run", "a.pkl",
                  "if you trust where it comes from"},
                 [&] { (void)read(bytes); });
  };
  expect_name("cos\nsystem\n(S'touch /tmp/x'\ntR.", "os.system");
  expect_name("cposix\nsystem\n(S'true'\ntR.", "posix.system");
  expect_name("\x80\4\x8c\2os\x8c\6system\x93\x8c\2ls\x85R.", "os.system");
  expect_name("(S'ls'\nios\nsystem\n.", "os.system");
  expect_name("(cos\nsystem\nS'ls'\no.", "os.system");
  expect_name("c__builtin__\neval\n.", "__builtin__.eval");
  expect_name("cbuiltins\ngetattr\n.", "builtins.getattr");
  expect_name("ctorch.storage\n_load_from_bytes\n.", "torch.storage._load_from_bytes");
  expect_name("ctorch._utils\n_rebuild_sparse_tensor\n.", "torch._utils._rebuild_sparse_tensor");
  expect_name("cos\x1b[2J\nsystem\n.", "os?[2J.system");
}

TEST(Pickle, CallsOfWhatIsNoFunctionAreRefused) {
  expect_refused("K\1)R.", "its pickle calls something that is not a function");
  expect_refused("ccollections\nOrderedDict\n]R.", "with arguments that are not a tuple");
  expect_refused("cargparse\nNamespace\n)}K\1K\1s\x92.", "with arguments by name");
  expect_refused("ctorch\nFloatStorage\n)R.", "torch.FloatStorage is not a function");
  expect_refused("cbuiltins\nslice\n)R.", "builtins.slice is called with 0 arguments");
  expect_refused("cbuiltins\nlist\n.", "it holds builtins.list itself");
  expect_refused("K\1K\2\x93.", "asks for something by a value that is not a name");
  expect_refused("cbuiltins\nset\n)R}b.", "what builtins.set made is changed afterwards");
  expect_refused("]}b.", "sets the state of what has none to set");
  expect_refused("(o.", "takes a value that is not there");
}

TEST(Pickle, StacksAreNeverTakenBeyondTheirBottom) {
  for (const char* const bytes :
       {"0.", "1.", "a.",   "e.", "s.", "u.",    "t.",    "l.",    "d.",    "\x85.",  "\x87.", "R.",
        "b.", "2.", "q\1.", "Q.", "o.", "\x81.", "\x90.", "\x93.", "\x98.", "K\1(a.", "](s."}) {
    SCOPED_TRACE(testing::PrintToString(std::string(bytes)));
    expect_refused(bytes, "that is not there");
  }
  expect_refused(".", "its pickle leaves values unused");
  expect_refused("K\1K\1.", "its pickle leaves values unused");
  expect_refused("K\1(.", "its pickle leaves values unused");
}

TEST(Pickle, CountsAreNotTrusted) {
  const std::string huge = le(1ULL << 62, 8);
  for (const std::string& bytes :
       {"\x8d" + huge, "\x8e" + huge, "\x96" + huge, "X\xFF\xFF\xFF\xFF"s, "B\xFF\xFF\xFF\x7F"s,
        "T\xFF\xFF\xFF\xFF"s, "\x8c\5abc"s, "\x8d" + std::string(8, '\xFF')}) {
    expect_refused(bytes + ".", "a value's length goes beyond the end of the pickle");
  }
  expect_refused("\x80\4\x95" + huge + "K\1.", "a frame of its pickle goes beyond the end");
  expect_refused("\x8b\xFF\xFF\xFF\xFF.",
                 "its pickle holds an integer that does not fit in 64 bits");
  expect_refused("\x8a\x09\0\0\0\0\0\0\0\0\1."s,
                 "its pickle holds an integer that does not fit in 64 bits");
  expect_refused("I99999999999999999999\n.",
                 "its pickle holds an integer that does not fit in 64 bits");
  expect_refused("L\n.", "its pickle holds an integer that does not fit in 64 bits");
  expect_refused("K\1r\xFF\xFF\xFF\xFF.", "a memo index in its pickle is too large to be true");
  expect_refused("K\1p4294967296\n.", "a memo index in its pickle is too large to be true");
  expect_refused("K\1p-1\n.", "a memo index in its pickle is not a number");
  expect_refused("h\0."s, "refers to a value that it did not keep");
  expect_refused("g7\n.", "refers to a value that it did not keep");
}

TEST(Pickle, DamageIsRefused) {
  expect_refused("\x80\6N.", "its pickle is of a protocol newer than 5");
  expect_refused("\x97.", "unknown instruction 151");
  expect_refused("\x82\1.", "unknown instruction 130");
  expect_refused("N", "it is cut off inside its pickle");
  expect_refused("I1", "it is cut off inside its pickle");
  expect_refused("Fx\n.", "its pickle holds a number that cannot be read");
  expect_refused("S'a\n.", "a text in its pickle is damaged");
  expect_refused("S'\\x4'\n.", "a text in its pickle is damaged");
  expect_refused("V\\u12\n.", "a text in its pickle is damaged");
  expect_refused("V\\ud800\n.", "a text in its pickle is damaged");
  expect_refused("X\1\0\0\0\xFF."s, "a text is not UTF-8");
  expect_refused("}(K\1u.", "a dict in its pickle has a key without a value");
  expect_refused("(K\1d.", "a dict in its pickle has a key without a value");
  expect_refused("}K\1a.", "its pickle appends to what is not a list");
  expect_refused("]K\1K\2s.", "its pickle sets an item of something that is not a dict");
  expect_refused("Px\n.", "it holds a storage that belongs to no tensor");
}

TEST(Pickle, KeysOfDictsAreDistinctAndHashable) {
  expect_refused(
      "}U\1aN"
      "sU\1aNs.",
      "the key 'a' stands twice in a dict");
  expect_refused("}K\1NsI01\nNs.", "the key '1' stands twice in a dict");
  expect_refused("}]Ns.", "a key of a dict is of a type that cannot be one");
  expect_refused("}}Ns.", "a key of a dict is of a type that cannot be one");
  EXPECT_EQ(plain(*read("}(K\1K\2tNs.")), json({{"dict", {{{1, 2}, nullptr}}}}));
}

TEST(Pickle, CyclesAreRefused) {
  expect_refused("]q\0h\0a."s, "a value of it contains itself");
  expect_refused("}q\0K\1h\0s."s, "a value of it contains itself");
  expect_refused("]q\0(h\0ta."s, "a value of it contains itself");
  expect_refused("ccollections\nOrderedDict\n)Rq\0K\1h\0s."s, "a value of it contains itself");
}

TEST(Pickle, DepthIsLimited) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + std::string(depth, 'l') + ".";
  };
  EXPECT_NO_THROW((void)read(nested(100)));
  expect_refused(nested(101), "its values are nested too deeply");
  expect_refused(nested(1'000'000), "its values are nested too deeply");
}

TEST(Pickle, SharingThatWouldBeBillionsIsRefused) {
  std::string laughs = "]q\0"s;
  for (int i = 0; i < 64; ++i) {
    const std::string known = {'h', static_cast<char>(i)};
    laughs += "0(" + known + known + "lq" + static_cast<char>(i + 1);
  }
  expect_refused(laughs + ".", "its values would be millions if written out");
}

TEST(Pickle, ValuesAreCounted) {
  expect_refused("(" + std::string(3'000'000, ']') + "l.", "its pickle has too many values");
  expect_refused("](N" + std::string(9'000'000, '2') + "e.", "its pickle has too many values");
  expect_refused(std::string(9'000'000, '('), "its pickle has too many values");
}

// One text of a megabyte, encoded by every tenth byte of the file.
TEST(Pickle, MemoryIsBoundedByTheSize) {
  std::string bytes = "](c_codecs\nencode\nq\0X"s + le(1 << 20, 4) + std::string(1 << 20, 'a') +
                      "q\1X\6\0\0\0latin1q\2"s + "000";
  for (int i = 0; i < 1000; ++i) bytes += "h\0h\1h\2\x86R"s;
  expect_refused(bytes + "e.", "more memory than a file of its size may");
}

// Work on what is shared must not be done for each of its many places.
TEST(Pickle, TimeIsBoundedByTheSize) {
  const std::string megabyte = "X" + le(1 << 20, 4) + std::string(1 << 20, 'a') + "q\0000"s;
  std::string keys = "](" + megabyte, devices = keys + "ctorch\ndevice\nq\0010"s;
  for (int i = 0; i < 200'000; ++i) {
    keys += "}h\0Ns"s;
    devices += "h\1h\0\x85R"s;
  }
  expect_refused(keys + "e.", "more memory than a file of its size may");
  expect_refused(devices + "e.", "the name of a device is too long to be true");
}

TEST(PickleText, Latin1IsOneByteForEachCharacter) {
  EXPECT_EQ(encode_latin1("a\xC3\xBF\xC2\x80"), "a\xFF\x80");
  EXPECT_EQ(encode_latin1("\xC4\x80"), std::nullopt);
  EXPECT_EQ(encode_latin1("\xC3"), std::nullopt);
  EXPECT_EQ(encode_latin1("\xC3\x41"), std::nullopt);
}

}  // namespace pickle_test
}  // namespace robiq
