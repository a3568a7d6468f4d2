#pragma once

// A map with a limit in bytes: what has not been asked for longest goes first.

#include <cstdint>
#include <iterator>
#include <list>
#include <unordered_map>
#include <utility>

namespace quercus::scheduling {

template <class Key, class Value>
class LruMap {
 public:
    // 0: keeps nothing.
    explicit LruMap(std::uint64_t limit_bytes) : limit_bytes_(limit_bytes) {}

    // Null when unknown.
    [[nodiscard]] const Value* find(const Key& key) {
        const auto found = index_.find(key);
        if (found == index_.end()) {
            return nullptr;
        }
        order_.splice(order_.begin(), order_, found->second);
        return &found->second->value;
    }
    [[nodiscard]] bool contains(const Key& key) const { return index_.contains(key); }

    // False when the key is known already, or the value larger than the limit. `on_evicted(key)`
    // for each that had to go.
    template <class OnEvicted>
    bool insert(const Key& key, Value value, std::uint64_t bytes, OnEvicted on_evicted) {
        if (bytes > limit_bytes_ || index_.contains(key)) {
            return false;
        }
        order_.push_front({key, std::move(value), bytes});
        index_[key] = order_.begin();
        bytes_ += bytes;
        while (bytes_ > limit_bytes_) {
            const Key last = order_.back().key;
            erase(last);
            on_evicted(last);
        }
        return true;
    }
    void erase(const Key& key) {
        const auto found = index_.find(key);
        if (found != index_.end()) {
            bytes_ -= found->second->bytes;
            order_.erase(found->second);
            index_.erase(found);
        }
    }
    void clear() {
        order_.clear();
        index_.clear();
        bytes_ = 0;
    }
    [[nodiscard]] std::size_t size() const { return index_.size(); }
    [[nodiscard]] std::uint64_t size_bytes() const { return bytes_; }
    [[nodiscard]] std::uint64_t limit_bytes() const { return limit_bytes_; }

 private:
    struct Kept {
        Key key;
        Value value;
        std::uint64_t bytes = 0;
    };
    using Order = std::list<Kept>;  // most recently used first

    std::uint64_t limit_bytes_;
    Order order_;
    std::unordered_map<Key, typename Order::iterator> index_;
    std::uint64_t bytes_ = 0;
};

}  // namespace quercus::scheduling
