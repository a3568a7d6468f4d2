OPENQASM 2.0;
include "qelib1.inc";
// a comment
gate inner(a) x { u3(a/2, -a, sin(a)^2) x; }
gate outer(a, b) x, y { inner((a+b)*pi) x; cx x, y; barrier x, y; }
opaque magic(a) x;
qreg q[3];
qreg r[3];
creg c[3];
h q;
cx q, r;
outer(0.5, ln(2)) q[0], r[1];
if (c == 5) x q[2];
measure q -> c;
reset r[0];
ccx q[0], q[1], q[2];
