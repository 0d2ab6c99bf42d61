#include "robiq/io/zip/zip_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/core/files/files.h"
#include "support/errors.h"
#include "support/test_files.h"
#include "support/zip_bytes.h"

namespace robiq {
namespace zip_archive_test {

using test::fixture_path;
using test::le;
using test::zip_of;
using test::ZipBytes;

constexpr const char* kMend = "get the file again";

std::string fixture(const std::string& name) {
  return read_file(fixture_path("checkpoints/" + name), 1 << 20);
}

/// Opens it and reads all of it.
void read_all(const std::string& bytes) {
  const ZipArchive zip(source_of_bytes("a.zip", bytes));
  for (const std::string& name : zip.names()) (void)zip.read(name);
}

void expect_refused(const std::string& bytes, const std::string& what, const std::string& where) {
  expect_error(ErrorKind::kModel, {what, where, kMend}, [&] { read_all(bytes); });
}

TEST(ZipArchive, ReadsWhatPythonPacked) {
  for (const char* const name : {"deflated.zip", "zip64.zip", "streamed.zip"}) {
    SCOPED_TRACE(name);
    const ZipArchive zip(fixture_path(std::string("checkpoints/") + name));
    EXPECT_THAT(zip.names(), testing::ElementsAre("text.txt", "zeros.bin", "empty", "dir/short"));
    std::string text;
    for (int i = 0; i < 40; ++i) text += "hello, ";
    EXPECT_EQ(zip.read("text.txt"), text);
    EXPECT_EQ(zip.size_of("zeros.bin"), 100000U);
    EXPECT_EQ(zip.read("zeros.bin"), std::string(100000, '\0'));
    EXPECT_EQ(zip.read("empty"), "");
    EXPECT_EQ(zip.read("dir/short"), "x");
  }
}

TEST(ZipArchive, ReadsStoredMembersAndZip64Ends) {
  const ZipBytes made = zip_of({{"a", "first"}, {"b/", ""}, {"é", std::string("\0\xFF", 2)}});
  const ZipArchive zip(source_of_bytes("a.zip", made.bytes));
  EXPECT_TRUE(zip.contains("a"));
  EXPECT_FALSE(zip.contains("b"));
  EXPECT_EQ(zip.read("a"), "first");
  EXPECT_EQ(zip.read("é"), std::string("\0\xFF", 2));
  const ZipArchive torch(fixture_path("checkpoints/zip.pth"));
  EXPECT_EQ(torch.read("zip/version"), "3\n");
  EXPECT_EQ(ZipArchive(source_of_bytes("none.zip", zip_of({}).bytes)).names().size(), 0U);
}

TEST(ZipArchive, ReadsIntoMemoryOfTheRightSizeOnly) {
  const ZipArchive zip(source_of_bytes("a.zip", zip_of({{"a", "first"}}).bytes));
  std::string bytes(5, ' ');
  zip.read_into("a", bytes.data(), bytes.size());
  EXPECT_EQ(bytes, "first");
  expect_error(ErrorKind::kModel, {"it has 5 bytes, and 4 are wanted", "a.zip, 'a'", kMend},
               [&] { zip.read_into("a", bytes.data(), 4); });
  expect_error(ErrorKind::kModel, {"it has no member of this name", "a.zip, 'c'", kMend},
               [&] { (void)zip.read("c"); });
}

TEST(ZipArchive, KnowsItsOwn) {
  EXPECT_TRUE(ZipArchive::is_zip(*source_of_bytes("", zip_of({{"a", ""}}).bytes)));
  EXPECT_FALSE(ZipArchive::is_zip(*source_of_bytes("", "PK")));
  EXPECT_FALSE(ZipArchive::is_zip(*source_of_bytes("", "\x80\2}.")));
}

/// Two members, "a" of 5 bytes and "b" of 6, for the tests to spoil.
class HostileZip : public testing::Test {
 protected:
  void refused(const std::string& what, const std::string& where = "a.zip") {
    expect_refused(zip_.bytes, what, where);
  }
  ZipBytes zip_ = zip_of({{"a", "first"}, {"b", "second"}});
};

TEST_F(HostileZip, Short) { expect_refused("PK\3\4", "it is too short for a zip file", "a.zip"); }

TEST_F(HostileZip, NoEndRecord) {
  zip_.set(zip_.end, 0, 4);
  refused("end record is missing");
}

TEST_F(HostileZip, BytesBehindTheEnd) {
  zip_.bytes += "x";
  refused("end record is missing");
}

TEST_F(HostileZip, BytesInFront) {
  zip_.bytes = "#!" + zip_.bytes;
  refused("its directory does not end where the end record begins");
}

TEST_F(HostileZip, SeveralDisks) {
  zip_.set(zip_.end + 4, 1, 2);
  refused("it is one part of a zip file in several");
}

TEST_F(HostileZip, DirectoryOutside) {
  zip_.set(zip_.end + 16, 0xFFFFFF00, 4);
  refused("its directory does not end where the end record begins");
}

TEST_F(HostileZip, DirectoryTooLong) {
  zip_.set(zip_.end + 12, 0xFFFFFF00, 4);
  refused("its directory does not end where the end record begins");
}

TEST_F(HostileZip, WrongCount) {
  zip_.set(zip_.end + 8, 3, 2).set(zip_.end + 10, 3, 2);
  refused("its directory and its count of members contradict each other");
}

TEST_F(HostileZip, Zip64EndOutside) {
  const std::string end = zip_.bytes.substr(zip_.end);
  zip_.bytes =
      zip_.bytes.substr(0, zip_.end) + "PK\6\7" + le(0, 4) + le(1ULL << 62, 8) + le(1, 4) + end;
  refused("its zip64 end record lies where none can be");
}

TEST_F(HostileZip, Zip64EndDamaged) {
  const std::string end = zip_.bytes.substr(zip_.end);
  zip_.bytes = zip_.bytes.substr(0, zip_.end) + std::string(56, '\0') + "PK\6\7" + le(0, 4) +
               le(zip_.end, 8) + le(1, 4) + end;
  refused("its zip64 end record is damaged");
}

TEST_F(HostileZip, EndsContradictEachOther) {
  const std::string end = zip_.bytes.substr(zip_.end);
  const std::string record = "PK\6\6" + le(44, 8) + le(0, 12) + le(2, 8) + le(2, 8) +
                             le(zip_.end - zip_.central[0], 8) + le(zip_.central[0], 8);
  zip_.bytes = zip_.bytes.substr(0, zip_.end) + record + "PK\6\7" + le(0, 4) + le(zip_.end, 8) +
               le(1, 4) + end;
  EXPECT_NO_THROW(read_all(zip_.bytes));
  zip_.set(zip_.end + record.size() + 20 + 10, 1, 2).set(zip_.end + record.size() + 20 + 8, 1, 2);
  refused("its two end records contradict each other");
}

TEST_F(HostileZip, EntrySignature) {
  zip_.set(zip_.central[1], 0, 4);
  refused("its directory is damaged");
}

TEST_F(HostileZip, NameBeyondTheDirectory) {
  zip_.set(zip_.central[1] + 28, 0xFFFF, 2);
  refused("a record of the zip file is cut off");
}

TEST_F(HostileZip, NamesNobodyCanHave) {
  zip_.set(zip_.central[0] + 46, 0, 1);
  refused("a member has no name, or a name that is not text", "a.zip, '");
}

TEST_F(HostileZip, Encrypted) {
  zip_.set(zip_.central[0] + 8, 1, 2);
  refused("it is encrypted", "a.zip, 'a'");
}

TEST_F(HostileZip, UnknownMethod) {
  zip_.set(zip_.central[0] + 10, 93, 2);
  refused("it is packed in a way that robiq does not read", "a.zip, 'a'");
}

TEST_F(HostileZip, StoredWithTwoSizes) {
  zip_.set(zip_.central[0] + 24, 4, 4);
  refused("it is not packed, and yet has two sizes", "a.zip, 'a'");
}

TEST_F(HostileZip, SameNameTwice) {
  zip_.set(zip_.central[1] + 46, 'a', 1).set(zip_.local[1] + 30, 'a', 1);
  refused("it stands there twice", "a.zip, 'a'");
}

TEST_F(HostileZip, HeaderOutside) {
  for (const std::uint64_t place : {0xFFFFFFF0ULL, 0x7FFFFFFFULL}) {
    zip_.set(zip_.central[1] + 42, place, 4);
    refused("it lies outside the file", "a.zip, 'b'");
  }
}

TEST_F(HostileZip, HeadersThatContradictTheDirectory) {
  for (const std::size_t field : {0, 6, 8, 14, 18, 22, 30}) {
    SCOPED_TRACE(field);
    ZipBytes zip = zip_of({{"a", "first"}});
    zip.bytes[zip.local[0] + field] ^= 8;
    expect_refused(zip.bytes, "its header and the file's directory contradict each other",
                   "a.zip, 'a'");
  }
}

TEST_F(HostileZip, BytesOutside) {
  for (const std::size_t size_field : {18, 22}) {
    zip_.set(zip_.local[1] + size_field, 1 << 20, 4);
    zip_.set(zip_.central[1] + size_field + 2, 1 << 20, 4);
  }
  refused("its bytes lie outside the file", "a.zip, 'b'");
}

TEST_F(HostileZip, Overlap) {
  const std::string inner = zip_of({{"b", "second"}}).bytes.substr(0, 37);
  ZipBytes zip = zip_of({{"a", inner}, {"b", "second"}});
  zip.set(zip.central[1] + 42, 31, 4);
  expect_refused(zip.bytes, "its bytes overlap another member's", "a.zip, 'b'");
  zip_.set(zip_.central[1] + 42, 0, 4).set(zip_.central[1] + 46, 'a', 1);
  refused("it stands there twice", "a.zip, 'a'");
}

TEST_F(HostileZip, Damage) {
  zip_.bytes[zip_.local[1] + 31] ^= 1;
  refused("its bytes are damaged: their CRC-32", "a.zip, 'b'");
}

/// Positions of zeros.bin's sizes and bytes in deflated.zip.
struct Deflated {
  std::string bytes = fixture("deflated.zip");
  std::size_t local = bytes.find("PK\3\4", 4);
  std::size_t central = bytes.find("PK\1\2", bytes.find("PK\1\2") + 4);

  void set_size(std::uint64_t size) {
    bytes.replace(local + 22, 4, le(size, 4));
    bytes.replace(central + 24, 4, le(size, 4));
  }
};

TEST(HostileDeflatedZip, UnpacksToMoreOrLessThanItSays) {
  for (const std::uint64_t size : {0, 1, 99'999, 100'001, 60'000'000}) {
    Deflated zip;
    zip.set_size(size);
    expect_refused(zip.bytes, "its packed bytes are damaged", "a.zip, 'zeros.bin'");
  }
}

TEST(HostileDeflatedZip, Bomb) {
  Deflated zip;
  zip.set_size(0xFFFFFFF0);
  expect_refused(zip.bytes, "unpacked, it would be too large for a file of this size",
                 "a.zip, 'zeros.bin'");
}

TEST(HostileDeflatedZip, DamagedStream) {
  Deflated zip;
  zip.bytes[zip.local + 39] = '\xFF';
  expect_refused(zip.bytes, "its packed bytes are damaged", "a.zip, 'zeros.bin'");
}

TEST(HostileZipSweep, CutsAndFlipsAreRefusedOrHarmless) {
  for (const char* const name : {"deflated.zip", "zip64.zip", "streamed.zip", "tensor.pth"}) {
    const std::string whole = fixture(name);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_THROW(read_all(whole.substr(0, size)), Error) << name << " cut at " << size;
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const int bits : {1, 0x80, 0xFF}) {
        std::string flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ bits);
        try {
          read_all(flipped);
        } catch (const Error& error) {
          EXPECT_EQ(error.kind(), ErrorKind::kModel) << name << " flipped at " << at;
        }
      }
    }
  }
}

}  // namespace zip_archive_test
}  // namespace robiq
