// The layer's name, for `import`: its code is compiled with all the others'. See Package.swift.
