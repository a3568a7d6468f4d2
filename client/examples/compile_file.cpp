// compile_file IN.qasm OUT.qasm [host:port]: compiles a circuit, at a server or in attached mode.
#include <fstream>
#include <iostream>
#include <quercus/client.hpp>

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << "usage: compile_file IN.qasm OUT.qasm [host:port]\n";
        return 2;
    }
    using quercus::client::Client;
    auto client = argc > 3 ? Client::connect(argv[3]) : Client::attach();
    auto result = client ? client->compile({.path = argv[1]}) : client.error();
    if (!result) {
        std::cerr << result.error().to_string() << '\n';
        return 1;
    }
    std::ofstream(argv[2]) << result->qasm;
    std::cout << result->before.two_qubit << " -> " << result->after.two_qubit
              << " two-qubit gates, error at most " << result->delta_bound << '\n';
}
