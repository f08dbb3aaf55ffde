"""Language models in this process: GGUF files run by llama.cpp, without server, key or network."""
