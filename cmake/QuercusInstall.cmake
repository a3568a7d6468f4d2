# `cmake --install`: executables and the client SDK with its package file. Targets add themselves.
