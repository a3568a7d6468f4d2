#include "tests/reference/dense.hpp"

#include <cmath>
#include <limits>

namespace quercus::reference {

Matrix zero(std::size_t dim) {
    return Matrix(dim, Vector(dim));
}

Matrix identity(std::size_t dim) {
    Matrix m = zero(dim);
    for (std::size_t i = 0; i < dim; ++i) {
        m[i][i] = 1.0;
    }
    return m;
}

Matrix multiply(const Matrix& a, const Matrix& b) {
    Matrix out = zero(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < a.size(); ++j) {
            for (std::size_t k = 0; k < a.size(); ++k) {
                out[i][j] += a[i][k] * b[k][j];
            }
        }
    }
    return out;
}

Matrix add(const Matrix& a, const Matrix& b) {
    Matrix out = a;
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < a.size(); ++j) {
            out[i][j] += b[i][j];
        }
    }
    return out;
}

Matrix scale(Complex factor, const Matrix& a) {
    Matrix out = a;
    for (auto& row : out) {
        for (Complex& entry : row) {
            entry *= factor;
        }
    }
    return out;
}

Matrix dagger(const Matrix& a) {
    Matrix out = zero(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < a.size(); ++j) {
            out[j][i] = std::conj(a[i][j]);
        }
    }
    return out;
}

Matrix kron(const Matrix& high, const Matrix& low) {
    Matrix out = zero(high.size() * low.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        for (std::size_t j = 0; j < out.size(); ++j) {
            out[i][j] = high[i / low.size()][j / low.size()] * low[i % low.size()][j % low.size()];
        }
    }
    return out;
}

Matrix exponential(const Matrix& a) {
    constexpr int kSquarings = 4;
    const Matrix small = scale(std::ldexp(1.0, -kSquarings), a);
    Matrix sum = identity(a.size());
    Matrix term = sum;
    for (int k = 1; k <= 30; ++k) {
        term = scale(1.0 / k, multiply(term, small));
        sum = add(sum, term);
    }
    for (int i = 0; i < kSquarings; ++i) {
        sum = multiply(sum, sum);
    }
    return sum;
}

Vector multiply(const Matrix& a, const Vector& v) {
    Vector out(v.size());
    for (std::size_t i = 0; i < v.size(); ++i) {
        for (std::size_t j = 0; j < v.size(); ++j) {
            out[i] += a[i][j] * v[j];
        }
    }
    return out;
}

Matrix embed(const Matrix& gate, const std::vector<std::uint32_t>& qubits, std::uint32_t n) {
    const auto gate_index = [&](std::size_t full) {
        std::size_t index = 0;
        for (std::size_t k = 0; k < qubits.size(); ++k) {
            index += ((full >> qubits[k]) % 2) << k;
        }
        return index;
    };
    const auto other_bits = [&](std::size_t full) {
        for (const std::uint32_t qubit : qubits) {
            full &= ~(std::size_t{1} << qubit);
        }
        return full;
    };
    Matrix out = zero(std::size_t{1} << n);
    for (std::size_t i = 0; i < out.size(); ++i) {
        for (std::size_t j = 0; j < out.size(); ++j) {
            if (other_bits(i) == other_bits(j)) {
                out[i][j] = gate[gate_index(i)][gate_index(j)];
            }
        }
    }
    return out;
}

Matrix of(const circuit::Operation& operation, std::uint32_t n) {
    if (operation.gate == circuit::Gate::kBarrier) {
        return identity(std::size_t{1} << n);
    }
    const std::vector<std::uint32_t> qubits(operation.qubits.begin(), operation.qubits.end());
    if (operation.gate == circuit::Gate::kUnitary) {
        return embed(from(*operation.matrix), qubits, n);
    }
    const std::vector<double> params(operation.params.begin(), operation.params.end());
    return embed(gate(std::string(circuit::info(operation.gate).name), params), qubits, n);
}

Matrix unitary(const circuit::Circuit& circuit) {
    const std::uint32_t n = circuit.num_qubits();
    Matrix product = identity(std::size_t{1} << n);
    for (const circuit::Operation& operation : circuit.operations) {
        product = multiply(of(operation, n), product);
    }
    return product;
}

Matrix from(const base::Matrix& matrix) {
    Matrix out = zero(matrix.rows());
    for (std::size_t i = 0; i < matrix.rows(); ++i) {
        for (std::size_t j = 0; j < matrix.cols(); ++j) {
            out[i][j] = matrix(i, j);
        }
    }
    return out;
}

double difference(const Matrix& a, const Matrix& b) {
    if (a.size() != b.size()) {
        return std::numeric_limits<double>::infinity();
    }
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < a.size(); ++j) {
            worst = std::max(worst, std::abs(a[i][j] - b[i][j]));
        }
    }
    return worst;
}

double distance_up_to_phase(const Matrix& a, const Matrix& b) {
    Complex trace = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < a.size(); ++j) {
            trace += std::conj(b[i][j]) * a[i][j];
        }
    }
    const Complex phase = std::abs(trace) > 0 ? trace / std::abs(trace) : Complex(1.0);
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < a.size(); ++j) {
            sum += std::norm(a[i][j] - phase * b[i][j]);
        }
    }
    return std::sqrt(sum / static_cast<double>(a.size()));
}

}  // namespace quercus::reference
