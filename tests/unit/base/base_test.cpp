#include <set>

#include "quantum/base/codec.hpp"
#include "quantum/base/digest.hpp"
#include "quantum/base/matrix.hpp"
#include "quantum/base/random.hpp"
#include "quantum/base/status.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;

TEST_CASE("Philox4x32-10 gives the known answers of the Random123 distribution") {
    const auto zeros = philox4x32({0, 0, 0, 0}, {0, 0});
    CHECK(zeros == std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    const auto ones = philox4x32({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U});
    CHECK(ones == std::array<std::uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    const auto pi =
        philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0});
    CHECK(pi == std::array<std::uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("Philox streams are reproducible, distinct and uniform enough") {
    Philox a(7), b(7), c(8), d(7, 1);
    std::set<std::uint64_t> seen;
    double sum = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto value = a();
        CHECK(value == b());
        seen.insert({value, c(), d()});
        sum += a.uniform();
        (void)b();
        CHECK(a.below(7) == b.below(7));
    }
    CHECK(seen.size() == 3000);
    CHECK(sum / 1000 == Approx(0.5).margin(0.05));
}

TEST_CASE("codec: values come back, and a cut or padded input is noticed") {
    Encoder encoder;
    encoder.varint(0);
    encoder.varint(~std::uint64_t{0});
    encoder.f64(-0.1);
    encoder.bytes("abc");
    encoder.boolean(true);
    const Bytes bytes = encoder.take();

    Decoder decoder(bytes);
    CHECK(decoder.varint() == 0);
    CHECK(decoder.varint() == ~std::uint64_t{0});
    CHECK(decoder.f64() == -0.1);
    CHECK(decoder.bytes() == "abc");
    CHECK(decoder.boolean());
    CHECK(decoder.finished());

    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        Decoder partial(BytesView(bytes).substr(0, cut));
        (void)partial.varint();
        (void)partial.varint();
        (void)partial.f64();
        (void)partial.bytes();
        (void)partial.boolean();
        CHECK_FALSE(partial.ok());
    }
    Decoder huge("\xff\xff\xff\xff\x0f");
    CHECK(huge.count() == 0);
    CHECK_FALSE(huge.ok());
}

TEST_CASE("payloads share, columns index") {
    ByteColumn column;
    column.push_back("a");
    column.push_back("");
    column.push_back("bcd");
    REQUIRE(column.size() == 3);
    CHECK(column[0] == "a");
    CHECK(column[1].empty());
    CHECK(column[2] == "bcd");
    const Payload payload(Bytes("hello"));
    const Payload copy = payload;  // NOLINT(performance-unnecessary-copy-initialization)
    CHECK(copy.view().data() == payload.view().data());
}

TEST_CASE("matrix: distance ignores the global phase and sees everything else") {
    base::Matrix x(2, 2, {0, 1, 1, 0});
    base::Matrix phased = x;
    for (auto& entry : phased.data()) {
        entry *= std::polar(1.0, 0.7);
    }
    CHECK(base::phase_invariant_distance(x, phased) < 1e-15);
    CHECK(base::phase_invariant_distance(x, base::Matrix::identity(2)) == Approx(std::sqrt(2.0)));
    CHECK(base::unitarity_defect(x) == 0);
    phased(0, 0) = std::nan("");
    CHECK(std::isinf(base::unitarity_defect(phased)));
}

TEST_CASE("status: canonical names, results carry one of two things") {
    CHECK(invalid_argument("no").to_string() == "INVALID_ARGUMENT: no");
    const Result<int> good = 3;
    const Result<int> bad = not_found("job 1");
    CHECK(*good == 3);
    CHECK(bad.error().code() == StatusCode::kNotFound);
    CHECK(good.status().is_ok());
}
