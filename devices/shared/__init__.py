"""What several families share: reading, words, vital signs, LoRaWAN, BTHome, thing models."""
