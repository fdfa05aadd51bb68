//! Data never change the structure of an output.
