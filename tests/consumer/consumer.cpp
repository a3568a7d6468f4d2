// What a project of someone else's looks like: consumer EXECUTOR FILE compiles FILE in attached
// mode.
#include <iostream>
#include <quercus/client.hpp>

int main(int, char** argv) {
    auto client = quercus::client::Client::attach({.workers = 1, .executor = argv[1]});
    auto result = client ? client->compile({.path = argv[2]}) : client.status();
    std::cout << quercus::client::version() << ": "
              << (result ? std::to_string(result->before.two_qubit) + " -> " +
                               std::to_string(result->after.two_qubit) + " two-qubit gates"
                         : result.status().message())
              << '\n';
    return result ? 0 : 1;
}
